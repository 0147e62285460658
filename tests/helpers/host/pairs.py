"""Two virtual machines: an NFS server with the charm nfs-server, and a client that mounts."""

from __future__ import annotations

from pathlib import Path

from helpers.archives import archive_in
from helpers.host.units import UnitOn
from helpers.host.vms import BARE, WITH_NFS, Vm, free_port, stored

SERVER, CLIENT = "10.99.0.1", "10.99.0.2"


class Pair:
    """A server with a unit of the charm, and a client.

    Args:
        folder: The directory of the disks.
        archives: The directory of the packed charms.
        bare: Whether the server starts without the NFS packages.
    """

    def __init__(self, folder: Path, archives: Path, bare: bool = True) -> None:
        store, server_port, client_port = stored(), free_port(), free_port()
        kind = BARE if bare else WITH_NFS
        self.client = Vm.resumed("client", store, folder, (client_port, server_port), WITH_NFS)
        self.server = Vm.resumed("server", store, folder, (server_port, client_port), kind)
        has_nfs = self.server.run("sh", "-c", "command -v exportfs").code == 0
        assert bare is not has_nfs, "the stored disk is of the other kind"
        self.server.address(f"{SERVER}/24")
        self.client.address(f"{CLIENT}/24")
        archive = archive_in(archives, "nfs-server", "jammy-noble")
        self.unit = UnitOn(self.server, archive, "nfs-server/0", {})

    def install(self) -> str:
        """Run the install hook, with the two machines' network as a client."""
        return self.unit.configure(networks="10.99.0.0/24").hooks("install")

    def exports(self, **options: object) -> str:
        """Set options, run config-changed and return the status."""
        return self.unit.configure(**options).hooks("config-changed")

    def mount(self, path: str = "/nfsroot") -> str:
        """Mount a directory on the client; return the error of mount, empty on success."""
        options = "soft,timeo=50,retrans=2"
        script = f"umount -lf /mnt 2> /dev/null; mount -o {options} {SERVER}:{path} /mnt"
        return self.client.run("sh", "-c", script).err

    def stop(self) -> None:
        """Stop both machines."""
        self.server.stop()
        self.client.stop()
