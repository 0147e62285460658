"""A small lab for tests with the scripted juju client: a bundle with local charms, per release."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import yaml

from .scripted_juju import ScriptedJuju, machine_started, unit_status

GENERATIONS = ("2.6", "2.9", "3.6", "4.0")

CHARMS: dict[str, dict[str, Any]] = {
    "server": {
        "metadata": {
            "name": "server",
            "provides": {"api": {"interface": "http"}},
            "peers": {"servers": {"interface": "server-peer"}},
            "resources": {"image": {"type": "file", "filename": "image"}},
        },
        "config": {
            "port": {"type": "int", "default": 80, "description": "The port."},
            "names": {"type": "string", "description": "The names."},
            "debug": {"type": "boolean", "default": False, "description": "More messages."},
        },
        "actions": {
            "verify": {
                "description": "Check the server.",
                "params": {"force": {"type": "boolean"}},
            }
        },
    },
    "client": {"metadata": {"name": "client", "requires": {"server": {"interface": "http"}}}},
    "agent": {
        "metadata": {
            "name": "agent",
            "subordinate": True,
            "requires": {"host": {"interface": "juju-info", "scope": "container"}},
        }
    },
}


def write_site(juju: ScriptedJuju, changes: dict[str, Any] | None = None) -> Path:
    """Write a bundle with its charms below the home directory, and return the bundle.

    Args:
        juju: The scripted client.
        changes: Members of the bundle's applications that are added or replaced, by application.
    """
    site = juju.home / "site"
    (site / "charms").mkdir(parents=True, exist_ok=True)
    is_juju2 = juju.generation.startswith("2.")
    for name, charm in CHARMS.items():
        pack(site / f"charms/{name}.charm", charm, is_juju2=is_juju2)
    bundle = site / "bundle.yaml"
    bundle.write_text(yaml.safe_dump(bundle_of(is_juju2=is_juju2, changes=changes or {})))
    return bundle


def bundle_of(*, is_juju2: bool, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the bundle: two servers, one of them in a container, a client and a subordinate."""
    platform = {"series": "jammy"} if is_juju2 else {"base": "ubuntu@22.04"}
    default = {"series": "jammy"} if is_juju2 else {"default-base": "ubuntu@22.04"}
    arch = {"constraints": "arch=amd64"}
    applications = {
        "agent": {"charm": "./charms/agent.charm", **platform},
        "client": {
            "charm": "./charms/client.charm",
            "num_units": 1,
            "to": ["1"],
            **platform,
            **arch,
        },
        "server": {
            "charm": "./charms/server.charm",
            "num_units": 2,
            "to": ["0", "lxd:1"],
            "expose": True,
            "options": {"port": 8080},
            **platform,
            **arch,
        },
    }
    for name, members in changes.items():
        applications[name] = {**applications[name], **members}
    return {
        **default,
        "applications": applications,
        "machines": {"0": {"constraints": "tags=a", **platform}, "1": dict(platform)},
        "relations": [["client:server", "server:api"], ["agent:host", "server:juju-info"]],
    }


def pack(path: Path, charm: dict[str, Any], *, is_juju2: bool = False) -> None:
    """Write the archive of a charm."""
    metadata = {**charm["metadata"], **({"series": ["jammy"]} if is_juju2 else {})}
    base = {"name": "ubuntu", "channel": "22.04", "architectures": ["amd64"]}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.yaml", yaml.safe_dump(metadata))
        archive.writestr("config.yaml", yaml.safe_dump({"options": charm.get("config", {})}))
        archive.writestr("actions.yaml", yaml.safe_dump(charm.get("actions", {})))
        if not is_juju2:
            archive.writestr("manifest.yaml", yaml.safe_dump({"bases": [base]}))


def deployed(directory: Path, generation: str, **options: Any) -> ScriptedJuju:
    """Return a scripted client whose model is the small lab, with all agents idle.

    Args:
        directory: A directory of the test.
        generation: The release.
        **options: What `ScriptedJuju.create` takes.
    """
    juju = ScriptedJuju.create(directory, generation, has_planner=False, **options)
    juju.set_progress(None)
    juju.deploy(write_site(juju))
    juju.change(machine_started("*"), unit_status("*", "active", "Ready", agent="idle"))
    juju.set_progress()
    return juju
