"""Settings in the words of each age of nfs-utils."""

from __future__ import annotations

from pathlib import Path

import pytest
from labcharm.machine import Machine, Result
from nfs_service import Server, ServerError, Settings, conf_of, old_of, restored

DEBIANS = (
    '# Number of servers\nRPCNFSDCOUNT=8\n\nRPCNFSDPRIORITY=0\nRPCMOUNTDOPTS="--manage-gids"\n'
)


def test_conf() -> None:
    """nfs.conf(5); nothing where nothing is asked for."""
    assert conf_of(Settings(0, ())) == ""
    assert conf_of(Settings(16, ())) == "[nfsd]\nthreads=16\n"
    assert conf_of(Settings(0, ("4.1", "4.2"))).splitlines() == [
        "[nfsd]", "vers4=y", "vers3=n", "vers4.0=n", "vers4.1=y", "vers4.2=y",
    ]  # fmt: skip
    assert "vers4=n" in conf_of(Settings(0, ("3",)))


def test_old() -> None:
    """Variables that 18.04 and 20.04 hand to rpc.nfsd; the lines before come back."""
    text = old_of(DEBIANS, Settings(16, ("4.1", "4.2")))
    plain = [line for line in text.splitlines() if not line.startswith("#")]

    assert [line.split(" #")[0] for line in plain if line] == [
        "RPCNFSDPRIORITY=0", 'RPCMOUNTDOPTS="--manage-gids"', "RPCNFSDCOUNT=16",
        'RPCNFSDOPTS="-N 3 -N 4.0"',
    ]  # fmt: skip
    assert old_of(text, Settings(16, ("4.1", "4.2"))) == text
    assert restored(text) == DEBIANS
    assert old_of(text, Settings(0, ())) == DEBIANS


def test_unprivileged_container(tmp_path: Path) -> None:
    """Told before anything is tried."""
    machine = Machine(str(tmp_path))
    machine.write("/proc/self/uid_map", "         0     100000      65536\n")

    with pytest.raises(ServerError, match="unprivileged container"):
        Server(machine, "nfs-server").check_kernel()


class Without(Machine):
    """A machine whose kernel has no NFS server, and answers what it is."""

    def __init__(self, root: str, container: str) -> None:
        super().__init__(root)
        self._container = container

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Answer as such a machine does."""
        return {
            "modprobe": Result(1, "", "modprobe: FATAL: Module nfsd not found"),
            "systemd-detect-virt": Result(0 if self._container else 1, self._container, ""),
            "uname": Result(0, "4.15.0-kvm\n", ""),
        }[command[0]]


@pytest.mark.parametrize(
    ("container", "told"),
    [
        ("none", "kernel 4.15.0-kvm has no NFS server (modprobe: FATAL: Module nfsd not found);"
         " install linux-modules-extra-4.15.0-kvm"),
        ("lxc", "this is a container (lxc) whose host has no NFS server loaded; place the unit on"
         " a machine"),
    ],
)  # fmt: skip
def test_kernel_that_does_not_serve(tmp_path: Path, container: str, told: str) -> None:
    """A small kernel is told with its mend; in a container it is the host's."""
    machine = Without(str(tmp_path), container)
    machine.write("/proc/self/uid_map", "0 0 4294967295\n")
    machine.write("/proc/filesystems", "nodev\tsysfs\n")

    with pytest.raises(ServerError) as raised:
        Server(machine, "nfs-server").check_kernel()
    assert str(raised.value) == told


def test_kernel_that_serves(tmp_path: Path) -> None:
    """A machine whose kernel has nfsd."""
    machine = Machine(str(tmp_path))
    machine.write("/proc/self/uid_map", "0 0 4294967295\n")
    machine.write("/proc/filesystems", "nodev\tsysfs\nnodev\tnfsd\n")

    Server(machine, "nfs-server").check_kernel()
