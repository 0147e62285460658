"""An example site in a directory of a test, with its files and a scripted `juju` client."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from botlab.assessment import Assessment, Request, assess
from botlab.bundle.charm_url import charm_name, is_local_path
from botlab.catalogue.model import Charm
from botlab.catalogue.profiles import BUILT_IN
from botlab.cli import main
from botlab.own_profiles.reader import read_library
from helpers.scripted_juju import ScriptedJuju

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
# The example with a profile of its own, whose directory each command must name.
OWN_PROFILE = "own-profile"
_ROLES = {"provides": "provider", "requires": "requirer", "peers": "peer"}
_LINES = {"2.6": "bionic", "2.9": "bionic", "3.6": "noble", "4.0": "noble"}


def example_names() -> list[str]:
    """Return the names of the examples whose profiles are botlab's."""
    return sorted(path.parent.name for path in EXAMPLES.glob("*/site.yaml"))


def _site_file(example: str) -> str:
    return "lab.yaml" if example == OWN_PROFILE else "site.yaml"


@dataclass
class ExampleLab:
    """A site with its files, and a client that has no model yet.

    Attributes:
        site: The site file.
        juju: The scripted client.
        assessment: The assessment of the site.
        runbook: The text of the runbook.
    """

    site: Path
    juju: ScriptedJuju
    assessment: Assessment
    runbook: str

    @property
    def directory(self) -> Path:
        """The directory with the site file."""
        return self.site.parent

    @classmethod
    def create(cls, directory: Path, example: str, **changes: Any) -> ExampleLab:
        """Copy an example, make its files, and write its runbook.

        Args:
            directory: A directory of the test.
            example: The name of the example.
            **changes: Keys of the site file to set; None to remove one.
        """
        generation = str(changes.get("juju") or _site(example)["juju"])
        juju = ScriptedJuju.create(directory, generation, model="controller", has_planner=False)
        lab = juju.home / example
        site = lab / _site_file(example)
        profiles = lab / "profiles" if example == OWN_PROFILE else None
        shutil.copytree(EXAMPLES / example, lab)
        if changes:
            keys = {**_site(example), **changes}
            body = {key: value for key, value in keys.items() if value is not None}
            site.write_text(yaml.safe_dump(body, sort_keys=False))
        assessment = _assess(site, profiles)
        _write_files(lab, assessment)
        _add_controller(juju)
        juju.set_progress(None)
        juju.require_known_names()
        for name, charm in _store_charms(assessment):
            juju.add_charm(name, **_facts(charm))
        options = ["--profiles", str(profiles)] if profiles else []
        assert main(["runbook", str(site), *options]) == 0
        text = (lab / "RUNBOOK.md").read_text(encoding="utf-8")
        return cls(site, juju, assessment, text)


def _site(example: str) -> dict[str, Any]:
    text = (EXAMPLES / example / _site_file(example)).read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _assess(site: Path, profiles: Path | None) -> Assessment:
    library = read_library(profiles) if profiles else BUILT_IN
    return assess(Request(site, output=site.with_name("bundle.yaml"), profiles=library))


def _write_files(lab: Path, assessment: Assessment) -> None:
    """Write what the bundle names, and what an administrator has beside it."""
    assert assessment.bundle is not None
    for name, application in assessment.bundle.applications.items():
        assert application is not None
        if is_local_path(application.charm):
            files = {k: str(path) for k, path in application.resources.items()}
            charm = replace(assessment.charms[name], resource_files=files)
            _pack(lab / application.charm, charm, assessment.juju.value)
        for path in application.resources.values():
            if isinstance(path, str):
                _touch(lab / path)
    for name in ("kubeconfig", "juju-restore", ".ssh/id_ed25519.pub"):
        _touch(lab / name)
    for path in assessment.overlays:
        _remove_unknown_relations(path, set(assessment.charms))


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"ssh-ed25519 KEY {path.name}\n")


def _remove_unknown_relations(overlay: Path, known: set[str]) -> None:
    """Leave out the relations with other models, and those of charms without known endpoints."""
    body = yaml.safe_load(overlay.read_text(encoding="utf-8"))
    body.pop("saas", None)
    relations = [
        pair
        for pair in body.get("relations") or []
        if {end.partition(":")[0] for end in pair} <= known
    ]
    overlay.write_text(yaml.safe_dump({**body, "relations": relations}))


def _add_controller(juju: ScriptedJuju) -> None:
    """Give the controller's own model its machine."""
    with juju.model("controller") as model:
        model["machines"]["0"] = {
            "juju_status": {"current": "started"},
            "machine_status": {"current": "running"},
            "modification_status": {"current": "idle"},
            "base": "ubuntu@22.04",
            "dns_name": "192.0.2.5",
        }
        model["ssh_keys"] = ["ssh-ed25519 KEY controller"]
        model["command_results"].append(_ends_well("*", "./juju-restore"))


def _ends_well(target: str, contains: str) -> dict[str, Any]:
    streams = {"stdout": "", "stderr": "", "return_code": 0, "seconds": 0.0}
    return {"target": target, "contains": contains, **streams}


def _store_charms(assessment: Assessment) -> Iterator[tuple[str, Charm]]:
    assert assessment.bundle is not None
    for name, application in assessment.bundle.applications.items():
        if application and name in assessment.charms and not is_local_path(application.charm):
            yield charm_name(application.charm), assessment.charms[name]


def _facts(charm: Charm) -> dict[str, Any]:
    """Return the facts about a charm as the scripted client keeps them."""
    return {
        "subordinate": charm.subordinate,
        "endpoints": {
            end.name: {"interface": end.interface, "role": _ROLES[end.role], "scope": end.scope}
            for end in charm.endpoints.values()
        },
        "options": _options(charm),
        "actions": {
            name: {"description": "", "params": {key: {} for key in names}, "additional": False}
            for name, names in charm.actions.items()
        },
        "resources": list(charm.resources),
    }


def _options(charm: Charm) -> dict[str, Any]:
    return {
        option.name: {
            "type": option.type,
            **({} if option.default is None else {"default": option.default}),
        }
        for option in charm.options.values()
    }


def _pack(path: Path, charm: Charm, generation: str) -> None:
    """Write an archive with the facts about a charm."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ends = charm.endpoints.values()
    sections: Mapping[str, dict[str, Any]] = {
        role: {
            end.name: {"interface": end.interface, "scope": end.scope}
            for end in ends
            if end.role == role
        }
        for role in _ROLES
    }
    resources = {
        name: {"type": "file", "filename": charm.resource_files.get(name, name).rpartition("/")[2]}
        for name in charm.resources
    }
    metadata = {
        "name": charm.name,
        "subordinate": charm.subordinate,
        "resources": resources,
        **sections,
    }
    actions = {name: {"params": {key: {} for key in p}} for name, p in charm.actions.items()}
    files = {
        "metadata.yaml": metadata,
        "config.yaml": {"options": _options(charm)},
        "actions.yaml": actions,
        **_platform(path, generation, metadata),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, yaml.safe_dump(content))


def _platform(path: Path, generation: str, metadata: dict[str, Any]) -> dict[str, Any]:
    if generation.startswith("2."):
        metadata["series"] = [_LINES[generation]]
        return {}
    arch = "arm64" if path.stem.endswith("arm64") else "amd64"
    base = {"name": "ubuntu", "channel": "24.04", "architectures": [arch]}
    return {"manifest.yaml": {"bases": [base]}}
