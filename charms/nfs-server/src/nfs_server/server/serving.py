"""The server part as a whole: what is served to whom, made so on the machine."""

from typing import List, Mapping, NamedTuple, Optional, Sequence

from labcharm.machine import Machine
from labcharm.text import some
from nfs_server.options import Options
from nfs_server.relations import Guest, share_of
from nfs_server.server.clients import is_open
from nfs_server.server.directories import Folders
from nfs_server.server.exports import Exports, table
from nfs_server.server.service import Server
from nfs_server.shares import Share

HOME = "/var/lib/nfs-server-charm"
STORAGE_PATH = "/nfsroot"
# Related applications bring users of their own.
_GUEST_MODE = 0o777
Plan = NamedTuple(
    "Plan",
    [("root", Share), ("shares", List[Share]), ("guests", List[Share]), ("refused", List[str])],
)

# What is served by what is known now, and where Juju's storage is.
Step = NamedTuple("Step", [("options", Options), ("plan", Plan), ("storage", Optional[str])])


class ServingError(Exception):
    """What stands against serving."""


def plan(
    options: Options, nodes: Sequence[str], guests: Sequence[Guest], kept: Mapping[str, str]
) -> Plan:
    """Return everything that is exported, and what related applications ask for in vain.

    Args:
        options: What is asked for.
        nodes: Addresses of the cluster's nodes, whose root stays root: the provisioner makes
            folders for any user, and pods give theirs to other users as they start.
        guests: The related applications.
        kept: The folders that applications have already; they never move, as their data would not.
    """
    root = options.root._replace(trusted=tuple(nodes))
    above = options.guests_root or options.root.path
    folders = {one.application: "%s/%s" % (above, one.application) for one in guests}
    folders.update(kept)
    shares = [share_of(one, folders[one.application]) for one in guests]
    refused = ["%s for %s" % (some(one.refused), one.application) for one in guests if one.refused]
    return Plan(root, list(options.shares), shares, refused)


class Serving:
    """The NFS server of an application's unit on its machine."""

    def __init__(self, machine: Machine, application: str) -> None:
        self._machine = machine
        self.server = Server(machine, application)
        self.exports = Exports(machine, application)
        self.folders = Folders(machine)

    def prepare(self, options: Options, storage: Optional[str]) -> None:
        """Bring the server itself to what is asked for.

        Args:
            options: What is asked for.
            storage: Where Juju's storage `export` is; None without one.

        Raises:
            server.service.ServerError: When the machine cannot serve.
            ServingError: When storage and export root do not fit.
            CommandError: When apt or systemd fails.
        """
        if storage is not None and options.root.path != storage:
            told = "export-root is %s, and the storage export is at %s; set export-root to that"
            raise ServingError(told % (options.root.path, storage))
        self.server.check_kernel()
        self.server.install()
        self.server.start()
        self.server.configure(options.settings)

    def export(self, wanted: Plan, options: Options, storage: Optional[str]) -> bool:
        """Export what is planned, with the folders for it; tell whether anything was changed.

        Raises:
            ServingError: When a share is, or lies in, a related application's folder.
            server.directories.FolderError: When a folder is not ours to take.
            server.exports.HandMadeError: When others export these folders.
            server.exports.ExportsError: When exportfs refuses.
        """
        _check_apart(wanted)
        if storage is not None:
            self.folders.mounted(storage, options.owner, options.mode)
        made = [(share, options.mode) for share in wanted.shares]
        made += [(share, _GUEST_MODE) for share in wanted.guests]
        if storage is None:
            made.insert(0, (wanted.root, options.mode))
        for share, mode in made:
            self.folders.prepare(share.path, options.owner, mode, options.adopt)
        return self.exports.apply(self.exported(wanted, storage), options.adopt)

    def exported(self, wanted: Plan, storage: Optional[str]) -> List[Share]:
        """Return the shares as they are exported: a storage only while it is mounted."""
        root = wanted.root
        if storage is not None and self.folders.own_device(root.path):
            root = root._replace(options=(*root.options, "mountpoint"))
        return [root, *wanted.shares, *wanted.guests]

    def detach(self, storage: str) -> None:
        """Let a storage go: nothing on it is exported any more, all else stays as it is."""
        self.exports.drop(storage)
        self.folders.detached(storage)

    def leave(self) -> str:
        """Take exports and settings away; say where the data stay, which are not touched."""
        kept = self.folders.places()
        self.exports.remove()
        self.server.remove_settings()
        self.folders.forget()
        return kept


def _check_apart(wanted: Plan) -> None:
    for share in [wanted.root, *wanted.shares]:
        for guest in wanted.guests:
            if (share.path + "/").startswith(guest.path + "/"):
                told = "%s is %s, in the folder of a related application (%s); name another"
                raise ServingError(told % (share.name, share.path, guest.name))


def summary(wanted: Plan) -> str:
    """Say how much is served, and what is open to everybody."""
    entries = table([wanted.root, *wanted.shares, *wanted.guests])
    folders, clients = {path for path, _ in entries}, {client for _, client in entries}
    told = "%d folder%s to %d client%s" % (
        len(folders), "s" * (len(folders) != 1), len(clients), "s" * (len(clients) != 1),
    )  # fmt: skip
    wide = sorted({path for path, client in entries if is_open(client)})
    told += "; open to everybody: %s" % some(wide) if wide else ""
    if wanted.refused:
        told += "; not opened to %s, which needs allow-world=true" % some(wanted.refused)
    return told
