"""Write kfctl/kfdefs/RELEASE.json: what upstream's KfDefs contain.

    python -m helpers.recorders.kubeflow_kfdefs DIRECTORY

DIRECTORY holds upstream's KfDef files. Only facts are recorded: names, paths, overlays and
parameters. The user that upstream ships is replaced by a variable for the site's.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

TABLES = (
    Path(__file__).resolve().parents[3]
    / "charms/kubeflow-installer/src/kubeflow_installer/kfctl/kfdefs"
)
FILES = {
    "0.6.2": "kfctl_existing_arrikto.0.6.2.yaml",
    "0.7.1": "kfctl_existing_arrikto.0.7.1.yaml",
    "1.0.2": "kfctl_istio_dex.v1.0.2.yaml",
    "1.2.0": "kfctl_istio_dex.v1.2.0.yaml",
}
VARIABLES = {"static_email": "$user", "static_password_hash": "$hash"}


def component(application: dict[str, Any]) -> dict[str, Any]:
    """Return a component's facts."""
    config = application["kustomizeConfig"]
    parameters = {entry["name"]: entry["value"] for entry in config.get("parameters", [])}
    facts: dict[str, Any] = {"name": application["name"], "path": config["repoRef"]["path"]}
    if config.get("overlays"):
        facts["overlays"] = config["overlays"]
    if parameters:
        facts["parameters"] = {
            name: VARIABLES.get(name, text) for name, text in parameters.items()
        }
    return facts


def table(document: dict[str, Any]) -> dict[str, Any]:
    """Return a KfDef's facts."""
    spec = document["spec"]
    return {
        "api": document["apiVersion"].rpartition("/")[2],
        "platform": spec.get("platform", ""),
        "version": spec.get("version", ""),
        "repos": [repository["name"] for repository in spec["repos"]],
        "components": [component(application) for application in spec["applications"]],
    }


def as_json(facts: dict[str, Any]) -> str:
    """Return a KfDef's facts as their file has them: a line per component."""
    head = [f"{json.dumps(key)}: {json.dumps(facts[key])}" for key in facts if key != "components"]
    lines = ",\n  ".join(json.dumps(row) for row in facts["components"])
    return "{" + ",\n ".join([*head, f'"components": [\n  {lines}\n ]']) + "}\n"


def main() -> None:
    """Record all releases."""
    TABLES.mkdir(exist_ok=True)
    for release, name in FILES.items():
        document = yaml.safe_load((Path(sys.argv[1]) / name).read_text(encoding="utf-8"))
        (TABLES / f"{release}.json").write_text(as_json(table(document)), encoding="utf-8")


if __name__ == "__main__":
    main()
