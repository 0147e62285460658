"""The charm's settings, as the rpc.nfsd of each nfs-utils passes them to the kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.host.machines import UnavailableError
from helpers.host.trees import Tree
from nfs_server.server.service import DEFAULTS_FILE
from nfs_server.server.settings import VERSIONS, Settings, render_conf, render_defaults

# Without the host's kernel: what rpc.nfsd writes for the kernel goes to plain files.
ISOLATED = (
    "touch /proc/fs/nfsd/threads /proc/fs/nfsd/versions /proc/fs/nfsd/portlist; unshare --net "
)
# What the systemd units of 1.3.4 do: nfs-config.service, then nfs-server.service.
OLD_UNITS = (
    "/usr/lib/systemd/scripts/nfs-utils_env.sh; . /run/sysconfig/nfs-utils;"
    f"{ISOLATED} rpc.nfsd $RPCNFSDARGS"
)


@pytest.mark.parametrize(
    ("release", "versions", "report"),
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
def test_kernel_gets_the_versions_and_threads(
    release: str, versions: tuple[str, ...], report: str, tmp_path: Path
) -> None:
    """Nothing that the kernel refuses, and every version that is asked for."""
    try:
        machine = Tree(release, tmp_path / "tree")
    except UnavailableError as error:
        pytest.skip(str(error))
    settings = Settings(11, versions)
    try:
        if release == "bullseye":
            machine.write(DEFAULTS_FILE, render_defaults("RPCNFSDCOUNT=8\n", settings))
            done = machine.run(["sh", "-ec", OLD_UNITS])
        else:
            machine.write("/etc/nfs.conf", "[nfsd]\n")
            machine.write("/etc/nfs.conf.d/nfs-server.conf", render_conf(settings))
            done = machine.run(["sh", "-ec", f"{ISOLATED} rpc.nfsd"])
        assert done.code == 0, done.err
        assert (machine.read("/proc/fs/nfsd/versions") or "").split() == report.split()
        assert machine.read("/proc/fs/nfsd/threads") == "11\n"
    finally:
        machine.stop()
