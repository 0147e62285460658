"""The NFS server of a unit: its service, its directories and its exports together."""

from typing import Callable, List, Optional, Tuple

from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labcharm.paths import is_within
from nfs_server.options import Options
from nfs_server.server.directories import ExportedDirectories
from nfs_server.server.exports import Exports
from nfs_server.server.file_systems import is_own_file_system
from nfs_server.server.plan import ExportPlan
from nfs_server.server.service import NfsService
from nfs_server.server.shares import Share

STATE_DIRECTORY = "/var/lib/nfs-server-charm"
STORAGE_PATH = "/nfsroot"
# Related applications have users of their own.
_CLIENT_DIRECTORY_MODE = 0o777


class FileServer:
    """The NFS server of an application's unit on its machine.

    Args:
        machine: The machine.
        application: The application, which names the files of settings and exports.
    """

    def __init__(self, machine: Machine, application: str) -> None:
        self._machine = machine
        self.service = NfsService(machine, application)
        self.exports = Exports(machine, application)
        self.directories = ExportedDirectories(machine)

    def prepare(self, options: Options, storage_path: Optional[str]) -> None:
        """Install, start and configure the service.

        Args:
            options: The charm's options.
            storage_path: Where Juju's storage `export` is mounted; None without one.

        Raises:
            BlockedError: When the machine cannot serve, or the export root is not on the storage.
            CommandError: When apt or systemd fails.
        """
        root = options.export_root.path
        if storage_path is not None and root != storage_path:
            raise BlockedError(
                f"export-root is {root}, but the storage export is at {storage_path}; set"
                " export-root to that path"
            )
        self.service.check_kernel()
        self.service.install()
        self.service.start()
        self.service.configure(options.settings)

    def export(self, plan: ExportPlan, options: Options, storage_path: Optional[str]) -> bool:
        """Prepare the directories of a plan and export them; return whether exports changed.

        Raises:
            BlockedError: When a directory may not be taken or exportfs refuses the exports.
            ForeignExportsError: When other files export these directories.
        """
        _check_separate(plan)
        if storage_path is not None:
            self.directories.prepare_storage(storage_path, options.owner, options.mode)
        modes = [(share, options.mode) for share in plan.shares]
        modes += [(share, _CLIENT_DIRECTORY_MODE) for share in plan.client_shares]
        if storage_path is None:
            modes.insert(0, (plan.root, options.mode))
        for share, mode in modes:
            self.directories.prepare(share.path, options.owner, mode, options.adopt)
        return self.exports.apply(self.exported_shares(plan, storage_path), options.adopt)

    def exported_shares(self, plan: ExportPlan, storage_path: Optional[str]) -> List[Share]:
        """Return the shares with the options that depend on the storage.

        A storage is exported only while it is mounted (option `mountpoint`).
        """
        shares = plan.all_shares()
        root = plan.root
        if storage_path is not None and is_own_file_system(self._machine, root.path):
            shares[0] = root._replace(options=(*root.options, "mountpoint"))
        return shares

    def detach(self, storage_path: str) -> None:
        """Stop exporting a storage that is being detached; other exports stay."""
        try:
            self.exports.withdraw(storage_path)
        finally:
            self.directories.record_detached(storage_path)

    def remove(self) -> None:
        """Remove exports and settings."""
        for _, step in self.removal_steps():
            step()

    def removal_steps(self) -> List[Tuple[str, Callable[[], object]]]:
        """Return the steps that remove exports and settings, each after what its error means."""
        return [
            ("exports remain", self.exports.remove),
            ("settings of the NFS server remain", self.service.remove_settings),
            ("the record of the directories remains", self.directories.forget),
        ]


def _check_separate(plan: ExportPlan) -> None:
    """Check that no share is, or lies in, the directory of a related application."""
    for share in [plan.root, *plan.shares]:
        for client_share in plan.client_shares:
            if is_within(share.path, client_share.path):
                raise BlockedError(
                    f"{share.path} is in the directory of a related application; name another one"
                    f" for {share.name}: {client_share.name}"
                )
