"""Two virtual machines: one that the charm nfs-server makes a server, and one that mounts."""

from __future__ import annotations

from pathlib import Path

from helpers.host.units import UnitOn
from helpers.host.vms import BARE, WITH_NFS, Vm, free_port, stored

SERVER, CLIENT = "10.99.0.1", "10.99.0.2"


class Pair:
    """A server with the charm's unit, and a client.

    Args:
        folder: Where their disks are.
        archives: The packed charms.
        bare: Whether the server has none of NFS's packages yet.
    """

    def __init__(self, folder: Path, archives: Path, bare: bool = True) -> None:
        store, ours, other = stored(), free_port(), free_port()
        kind = BARE if bare else WITH_NFS
        self.client = Vm.resumed("client", store, folder, (other, ours), WITH_NFS)
        self.server = Vm.resumed("server", store, folder, (ours, other), kind)
        found = self.server.run("sh", "-c", "command -v exportfs").out
        assert bare is not bool(found), "not the machine that was asked for"
        self.server.address(f"{SERVER}/24")
        self.client.address(f"{CLIENT}/24")
        self.unit = UnitOn(
            self.server, archives / "nfs-server_jammy-noble.charm", "nfs-server/0", {}
        )

    def install(self) -> str:
        """Have the charm make the server of the machine."""
        return self.unit.configure(networks="10.99.0.0/24").hooks("install")

    def exports(self, **options: object) -> str:
        """Set options, and return the status after the hook."""
        return self.unit.configure(**options).hooks("config-changed")

    def mount(self, path: str = "/nfsroot") -> str:
        """Mount a folder at the client; return what mount says of it, "" when it is mounted."""
        options = "soft,timeo=50,retrans=2"
        script = f"umount -lf /mnt 2> /dev/null; mount -o {options} {SERVER}:{path} /mnt"
        return self.client.run("sh", "-c", script).err

    def stop(self) -> None:
        """End both."""
        self.server.stop()
        self.client.stop()
