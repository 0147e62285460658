"""Write the charm's tables of what upstream's KfDefs hold.

    python record_kfdefs.py FOLDER

FOLDER holds upstream's KfDef files. What is kept are facts: names, paths, overlays and parameters.
The user that they ship is left out; the charm puts its own there.
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
OURS = {"static_email": "$user", "static_password_hash": "$hash"}


def component(found: dict[str, Any]) -> dict[str, Any]:
    """Return a component's facts."""
    config = found["kustomizeConfig"]
    given = {one["name"]: one["value"] for one in config.get("parameters", [])}
    facts: dict[str, Any] = {"name": found["name"], "path": config["repoRef"]["path"]}
    if config.get("overlays"):
        facts["overlays"] = config["overlays"]
    if given:
        facts["parameters"] = {name: OURS.get(name, value) for name, value in given.items()}
    return facts


def table(document: dict[str, Any]) -> dict[str, Any]:
    """Return a KfDef's facts."""
    spec = document["spec"]
    return {
        "api": document["apiVersion"].rpartition("/")[2],
        "platform": spec.get("platform", ""),
        "version": spec.get("version", ""),
        "repos": [one["name"] for one in spec["repos"]],
        "components": [component(one) for one in spec["applications"]],
    }


def text(facts: dict[str, Any]) -> str:
    """Return a table's text, a line a component."""
    head = [f"{json.dumps(key)}: {json.dumps(facts[key])}" for key in facts if key != "components"]
    lines = ",\n  ".join(json.dumps(one) for one in facts["components"])
    return "{" + ",\n ".join([*head, f'"components": [\n  {lines}\n ]']) + "}\n"


def main() -> None:
    """Record all releases."""
    TABLES.mkdir(exist_ok=True)
    for release, name in FILES.items():
        found = yaml.safe_load((Path(sys.argv[1]) / name).read_text(encoding="utf-8"))
        (TABLES / f"{release}.json").write_text(text(table(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
