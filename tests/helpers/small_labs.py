"""Small labs of local charms, deployed with the scripted `juju` client."""

from __future__ import annotations

import shlex
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from botlab.assessment import Request, assess
from botlab.live.client.model import ClientModel
from botlab.live.comparison import Comparison, compare, observe
from botlab.live.lab import Lab, lab_of
from botlab.live.time_limits import Deadline

from .in_process_juju import open_in_process
from .scripted_juju import ScriptedJuju


@dataclass(frozen=True)
class DeployedLab:
    """A deployed lab.

    Attributes:
        juju: The scripted client.
        model: Its model, in this process.
        path: The bundle's file.
    """

    juju: ScriptedJuju
    model: ClientModel
    path: Path

    @property
    def lab(self) -> Lab:
        """The lab that the bundle's file describes now."""
        return lab_at(self.path, self.juju.generation)

    def rewrite(self, **applications: dict[str, Any]) -> None:
        """Change fields of applications in the bundle's file."""
        bundle = yaml.safe_load(self.path.read_text())
        for name, fields in applications.items():
            bundle["applications"][name].update(fields)
        self.path.write_text(yaml.safe_dump(bundle))

    def run(self, command: str) -> None:
        """Run a command line of juju."""
        self.model.run_client(shlex.split(command))

    def compare(self, **options: Any) -> Comparison:
        """Compare the lab with the model."""
        observation = observe(self.model, self.lab.bundle, Deadline(None))
        return compare(self.lab, observation, **options)

    def run_printed(self, command: str) -> None:
        """Run a command that botlab printed for people."""
        words = shlex.split(command, comments=True)
        assert words[0] == "juju", command
        is_prompted = words[1] in ("remove-unit", "remove-application", "remove-machine")
        consent = ["--no-prompt"] if is_prompted and self.juju.generation >= "3" else []
        self.model.run_client([*words[1:], *consent])


_METADATA: dict[str, dict[str, Any]] = {
    "web": {
        "provides": {"site": {"interface": "http"}},
        "requires": {"db": {"interface": "pgsql"}, "cache": {"interface": "pgsql"}},
        "resources": {"page": {"type": "file", "filename": "page.html"}},
    },
    "store": {"provides": {"db": {"interface": "pgsql"}, "replica": {"interface": "pgsql"}}},
    "agent": {
        "subordinate": True,
        "requires": {"host": {"interface": "juju-info", "scope": "container"}},
    },
}
_OPTIONS = {
    "colour": {"type": "string", "default": "blue"},
    "size": {"type": "int", "default": 3},
    "ratio": {"type": "float", "default": 0.5},
    "fast": {"type": "boolean", "default": False},
    "admin-password": {"type": "string", "default": ""},
}


def small_bundle(generation: str) -> dict[str, Any]:
    """Return a bundle of three local charms on two machines for a release of Juju."""
    platform = {"base": "ubuntu@22.04"} if generation >= "3" else {"series": "focal"}
    web: dict[str, Any] = {
        "charm": "./charms/web.charm",
        **platform,
        "num_units": 2,
        "to": ["0", "lxd:1"],
        "constraints": "arch=amd64",
        "options": {"colour": "red", "size": 5},
        "resources": {"page": "./page.html"},
        "expose": True,
    }
    store: dict[str, Any] = {
        "charm": "./charms/store.charm",
        **platform,
        "num_units": 1,
        "to": ["1"],
        "constraints": "arch=amd64 mem=4G",
    }
    agent: dict[str, Any] = {"charm": "./charms/agent.charm", **platform}
    return {
        "applications": {"web": web, "store": store, "agent": agent},
        "machines": {
            "0": {**platform, "constraints": "tags=front"},
            "1": {**platform, "constraints": "tags=back"},
        },
        "relations": [["web:db", "store:db"], ["agent:host", "web:juju-info"]],
    }


def write_lab(directory: Path, generation: str, bundle: dict[str, Any]) -> Path:
    """Write a bundle with its charms, and return the bundle's file.

    Args:
        directory: The directory, which may exist.
        generation: The release of Juju.
        bundle: The bundle.
    """
    (directory / "charms").mkdir(parents=True, exist_ok=True)
    for name in _METADATA:
        write_charm(directory / f"charms/{name}.charm", name, generation)
    (directory / "page.html").write_text("welcome\n")
    path = directory / "bundle.yaml"
    path.write_text(yaml.safe_dump(bundle))
    return path


def write_charm(path: Path, name: str, generation: str, code: str = "version 1\n") -> None:
    """Write the archive of one of the charms.

    Args:
        path: The archive.
        name: The name of the charm.
        generation: The release of Juju, which decides how the charm names its platform.
        code: The text of its code.
    """
    metadata = {"name": name, **_METADATA[name]}
    if generation < "3":
        metadata["series"] = ["focal"]
    bases = [{"name": "ubuntu", "channel": "22.04", "architectures": ["amd64"]}]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.yaml", yaml.safe_dump(metadata))
        archive.writestr("config.yaml", yaml.safe_dump({"options": _OPTIONS}))
        archive.writestr("src/charm.py", code)
        if generation >= "3":
            archive.writestr("manifest.yaml", yaml.safe_dump({"bases": bases}))


def lab_at(path: Path, generation: str) -> Lab:
    """Return the lab of a bundle's file."""
    return lab_of(assess(Request(path, generation)), path.stem)


def empty_lab(tmp_path: Path, generation: str, *, has_planner: bool = True) -> DeployedLab:
    """Write the small bundle, and return an empty model for it.

    Args:
        tmp_path: A directory of the test.
        generation: The release of Juju.
        has_planner: Whether dry runs print a plan, which takes half a second.
    """
    juju = ScriptedJuju.create(tmp_path, generation, has_planner=has_planner)
    path = write_lab(juju.home / "lab", generation, small_bundle(generation))
    return DeployedLab(juju, open_in_process(juju), path)


def deployed_lab(tmp_path: Path, generation: str, *, has_planner: bool = False) -> DeployedLab:
    """Deploy the small bundle, and return its model when its units are idle.

    Args:
        tmp_path: A directory of the test.
        generation: The release of Juju.
        has_planner: Whether dry runs print a plan, which takes half a second.
    """
    lab = empty_lab(tmp_path, generation, has_planner=False)
    lab.model.run_client(["deploy", str(lab.path)])
    for _ in range(4):  # the stages of the model
        lab.model.status()
    if has_planner:
        lab.juju.enable_planner()
    return lab
