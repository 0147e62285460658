"""Our settings, by the files of each age, as its own rpc.nfsd tells them to a kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.host.machines import UnavailableError
from helpers.host.trees import Tree
from nfs_server.server.service import OLD, VERSIONS, Settings, conf_of, old_of

# Where nothing of the host's can be reached; what it says to the kernel lies in plain files then.
ALONE = "touch /proc/fs/nfsd/threads /proc/fs/nfsd/versions /proc/fs/nfsd/portlist; unshare --net "
# What systemd's units of 1.3.4 do: nfs-config.service, then nfs-server.service.
OLD_UNITS = (
    "/usr/lib/systemd/scripts/nfs-utils_env.sh; . /run/sysconfig/nfs-utils;"
    f"{ALONE} rpc.nfsd $RPCNFSDARGS"
)


@pytest.mark.parametrize(
    ("release", "versions", "told"),
    [
        ("bullseye", ("3",), "-2 +3 -4"),
        ("bullseye", ("3", "4.0"), "-4.1 -4.2 -2 +3 +4"),
        ("bullseye", ("4.0", "4.1", "4.2"), "-2 -3 +4"),
        ("bullseye", VERSIONS, "-2 +3 +4"),
        ("bookworm", ("3",), "-2 +3 -4.0 -4.1 -4.2"),
        ("bookworm", ("4.1", "4.2"), "-2 -3 -4.0 +4.1 +4.2"),
        ("trixie", ("4.2",), "-2 -3 -4.0 -4.1 +4.2"),
    ],
)
def test_what_the_kernel_is_told(
    release: str, versions: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    """Nothing that it refuses, and every version that is asked for."""
    try:
        machine = Tree(release, tmp_path / "tree")
    except UnavailableError as error:
        pytest.skip(str(error))
    settings = Settings(11, versions)
    try:
        if release == "bullseye":
            machine.write(OLD, old_of("RPCNFSDCOUNT=8\n", settings))
            done = machine.run(["sh", "-ec", OLD_UNITS])
        else:
            machine.write("/etc/nfs.conf", "[nfsd]\n")
            machine.write("/etc/nfs.conf.d/nfs-server.conf", conf_of(settings))
            done = machine.run(["sh", "-ec", f"{ALONE} rpc.nfsd"])
        assert done.code == 0, done.err
        assert (machine.read("/proc/fs/nfsd/versions") or "").split() == told.split()
        assert machine.read("/proc/fs/nfsd/threads") == "11\n"
    finally:
        machine.stop()
