"""A GPU machine of a Kubernetes worker, for the charm nvidia-runtime in the tests' own process."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

from ops import testing

from helpers.fake_apis.memory_api import MemoryApi
from helpers.gpu_machine import add_gpu, add_programs, add_runtime
from helpers.kubeconfigs import kubeconfig_text
from labkube.client.api import ApiError
from nvidia_runtime.cluster.node import node_reference

NODE = socket.gethostname().lower()
_KUBERNETES = {"driver": "none", "kubeconfig": kubeconfig_text()}
_MODEL = testing.Model("lab", uuid="12345678-90ab-4def-8234-567890abcdef")


class Cluster(MemoryApi):
    """A server on which this machine is a node.

    Attributes:
        tokens: The tokens with which a client was made.
        is_down: Whether it refuses requests for objects.
        closed: How many clients were closed.
    """

    def __init__(self) -> None:
        kinds = (("v1", "Node"), ("node.k8s.io/v1", "RuntimeClass"))
        super().__init__((1, 28), kinds)
        self.tokens: list[str] = []
        self.is_down, self.closed = False, 0
        self.create({**node_reference(NODE), "metadata": {"name": NODE, "labels": {"zone": "a"}}})

    def connect(self, access: Any, *_: Any, **__: Any) -> Cluster:
        """Return a client with this access."""
        self.tokens.append(access.token)
        return self

    def close(self) -> None:
        """Close a client."""
        self.closed += 1

    def get(self, manifest: Any) -> Any:
        """Return an object."""
        if self.is_down:
            raise ApiError(0, "", "no route to host")
        return super().get(manifest)

    @property
    def node_labels(self) -> dict[str, str]:
        """The labels of this machine's node."""
        return dict(self.get(node_reference(NODE))["metadata"]["labels"])


class Lab:
    """A machine with docker, a GPU and the runtime.

    Attributes:
        root: The directory that is the machine's root.
    """

    def __init__(self, directory: Path) -> None:
        self.root, self._log, self._bin = (directory / name for name in ("root", "log", "bin"))
        self._bin.mkdir()
        add_programs(self._bin, self._log)
        self.set_program("juju-log", "")
        self.set_program("juju-reboot", "")
        add_gpu(self.root)
        add_runtime(self.root)

    def set_program(self, name: str, body: str) -> None:
        """Add a program with this body for /bin/sh."""
        path = self._bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self._log}\n{body}\n')
        path.chmod(0o755)

    def ran(self, name: str) -> list[str]:
        """Return the arguments of each run of a program."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [line[len(name) + 1 :] for line in lines if line.startswith(f"{name} ")]

    def read(self, path: str) -> str | None:
        """Return the text of a file of the machine; None without the file."""
        file = self.root / path.lstrip("/")
        return file.read_text() if file.exists() else None

    def mode(self, path: str) -> int:
        """Return the permissions of a file of the machine."""
        return (self.root / path.lstrip("/")).stat().st_mode & 0o777

    def write(self, path: str, text: str) -> None:
        """Write a file of the machine."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def state(leader: bool = True, units: int = 1, **config: Any) -> testing.State:
    """Return the state of a unit on a machine of a Kubernetes worker."""
    options = {**_KUBERNETES, **{name.replace("_", "-"): config[name] for name in config}}
    return testing.State(leader=leader, planned_units=units, config=options, model=_MODEL)
