"""A fake of nfs-server's machine and cluster, which records what the charm does with them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from helpers.nfs.storage_api import KilledError
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labkube.apply.objects import Applied
from nfs_server.cluster.cluster_storage import DesiredState
from nfs_server.cluster.releases import find_release
from nfs_server.cluster.storage_class import ExportSource, StorageClass
from nfs_server.errors import OrphanedVolumesError
from nfs_server.server.plan import ExportPlan

DEPLOYMENT = {"kind": "Deployment", "metadata": {"name": "a", "namespace": "a-system"}}
LOCAL_ADDRESS = "192.0.2.0"  # which ops' testing tools give every binding


class Lab:
    """A machine's server and a cluster in one.

    Attributes:
        steps: What the charm did, in order.
        paths: The directories of the application on the machine.
        mounted_from: The server that the provisioner mounts.
        stranded: The claims that would lose their directory.
        used: The directories of the application that hold files.
        elsewhere: The claims that lie on another export.
        orphaned: The claims whose volumes could not be deleted any more.
        classless: The claims whose class does not exist any more.
        owned: The objects of the application on the cluster.
        kills: Whether the charm is killed at the next write to the cluster.
    """

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.paths: list[str] = []
        self.mounted_from = LOCAL_ADDRESS
        self.stranded: list[str] = []
        self.orphaned: list[str] = []
        self.classless: list[str] = []
        self.owned: list[JsonObject] = []
        self.kills = False
        self.used: list[str] = []
        self.elsewhere: list[str] = []
        self.directories = SimpleNamespace(paths=lambda: self.paths, with_files=lambda: self.used)
        self.service = SimpleNamespace(check_kernel=lambda: None)
        self.exports = SimpleNamespace(directories=lambda: self.paths)
        written = Applied([], [], 0, [])
        self.objects = SimpleNamespace(owned=lambda: self.owned, written=written)
        self.former_defaults: list[str] = []

    # The server.

    def prepare(self, *_: object) -> None:
        """Record the step."""
        self.steps.append("prepare")

    def export(self, plan: ExportPlan, *_: object) -> None:
        """Record the step; the export root belongs to the application from then on."""
        self.paths = [plan.root.path]
        self.steps.append(f"export {plan.root.path}")

    # The cluster.

    def identity(self) -> str:
        """Return the identity of the only cluster."""
        return "uid-1"

    def nodes(self) -> list[str]:
        """Return one node."""
        return ["10.0.0.5"]

    def mounted_server(self, _: StorageClass) -> str:
        """Return the server that the provisioner mounts."""
        return self.mounted_from

    def check_claims_are_on(self, _: StorageClass, source: ExportSource) -> None:
        """Refuse an export while claims lie on another one."""
        if self.elsewhere:
            raise BlockedError(f"claims lie elsewhere than {source.path}")

    def stranded_claims(self, *_: object) -> list[str]:
        """Return the claims that would lose their directory."""
        return self.stranded

    def desired_state(
        self, storage_class: StorageClass, source: ExportSource, *_: object
    ) -> DesiredState:
        """Return a desired state whose only object is the source."""
        objects: Any = [source]
        return DesiredState(find_release("v4.0.2"), storage_class, objects)

    def apply(self, desired: DesiredState, *_: object) -> Applied:
        """Record the source of the objects, unless volumes would be orphaned."""
        if self.orphaned:
            raise OrphanedVolumesError(self.orphaned)
        source: Any = desired.objects[0]
        self.owned = [DEPLOYMENT]
        self._check_killed()
        self.steps.append(f"apply {source.server}:{source.path}")
        return Applied([], [], 0, [])

    def remove(self, *_: object) -> list[str]:
        """Delete the objects; nothing remains."""
        self._check_killed()
        self.steps.append("remove")
        self.owned = []
        return []

    def _check_killed(self) -> None:
        if self.kills:
            self.kills = False
            raise KilledError

    def sync(self, desired: DesiredState, *_: object) -> Applied:
        """Apply the objects."""
        return self.apply(desired)

    def classless_claims(self, _: StorageClass) -> list[str]:
        """Return the claims whose class does not exist any more."""
        return self.classless

    def class_problem(self, _: StorageClass) -> tuple[str, bool]:
        """Return that there is no problem."""
        return "", False

    def not_ready(self, _: DesiredState) -> list[str]:
        """Return that everything is ready."""
        return []
