"""Two virtual machines: one that the charm nfs-server makes a server, and one that mounts."""

from __future__ import annotations

import threading
from pathlib import Path

from units import UnitOn
from vms import Vm, free_port, stored

SERVER, CLIENT = "10.99.0.1", "10.99.0.2"


class Pair:
    """A server with the charm's unit, and a client."""

    def __init__(self, folder: Path, archives: Path) -> None:
        store, ours, other = stored(), free_port(), free_port()
        self.client = Vm.resumed("client", store, folder, (other, ours))
        self.server = Vm.resumed("server", store, folder, (ours, other))
        self.server.address(f"{SERVER}/24")
        self.client.address(f"{CLIENT}/24")
        self.unit = UnitOn(
            self.server, archives / "nfs-server_jammy-noble.charm", "nfs-server/0", {}
        )

    def install(self) -> str:
        """Have the charm make the server of a bare machine, and apt the client."""
        script = "apt-get -q update; apt-get install -qy --no-install-recommends nfs-common"
        client = threading.Thread(target=self.client.sh, args=(script,))
        client.start()
        assert not self.server.run("sh", "-c", "command -v exportfs").out, "not a bare machine"
        status = self.unit.configure(networks="10.99.0.0/24").hooks("install")
        client.join()
        return status

    def exports(self, **options: object) -> str:
        """Set options, and return the status after the hook."""
        return self.unit.configure(**options).hooks("config-changed")

    def mount(self, path: str = "/nfsroot") -> str:
        """Mount a folder at the client; return what mount says of it, "" when it is mounted."""
        self.client.run("umount", "-lf", "/mnt")
        options = "soft,timeo=50,retrans=2"
        return self.client.run("mount", "-o", options, f"{SERVER}:{path}", "/mnt").err

    def stop(self) -> None:
        """End both."""
        self.server.stop()
        self.client.stop()
