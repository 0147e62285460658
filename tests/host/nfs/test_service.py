"""The NFS service of a real server: its settings, interrupted hooks, and the archive of 2019."""

from __future__ import annotations

import re
import subprocess
import threading
from pathlib import Path

import pytest

from helpers.archives import archive_in
from helpers.host.pairs import SERVER, Pair
from helpers.host.units import UnitOn
from helpers.host.vms import Vm
from helpers.interpreters import find_python, missing
from helpers.nfs.vm_state import EXPORTS_FILE, STATE_DIRECTORY


def install_python_3_6(machine: Vm) -> str:
    """Install Python 3.6 without the parts that no charm uses.

    Returns:
        The directory that has it as `python3`.
    """
    program = find_python("3.6")
    if not program:
        pytest.skip(missing("3.6"))
    home = Path(program).parents[1]
    parts = [
        "bin/python3.6",
        "lib/python3.6",
        *(path.relative_to(home) for path in home.glob("lib/lib*3.6*so*")),
    ]
    unused = (
        "*.opt-?.pyc",
        "test",
        "site-packages",
        "idlelib",
        "lib2to3",
        "ensurepip",
        "config-*",
    )
    command = ["tar", "-C", str(home), *(f"--exclude={name}" for name in unused), "-czf", "-"]
    packed = subprocess.run([*command, *map(str, parts)], capture_output=True, check=True).stdout
    directory = f"{home}/bin"  # Python looks for its library where it was built
    script = f"mkdir -p {home}; tar -C {home} -xzf -; ln -s python3.6 {directory}/python3"
    done = machine.run(
        "sh", "-ec", f"{script}; {directory}/python3 -c 'import ctypes, ssl'", stdin=packed
    )
    if done.code:
        pytest.skip(f"Python 3.6 does not run there: {done.err}")
    return directory


def test_archive_of_2019_serves_on_python_3_6(pair: Pair, archives: Path) -> None:
    """By the hook links of Juju 2.6, whose applications have no data bag yet."""
    python = install_python_3_6(pair.server)
    pair.unit.put(leaving=True).hooks("stop")
    archive = archive_in(archives, "nfs-server", "bionic-focal")
    env = {"PATH": f"{python}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    unit = UnitOn(pair.server, archive, "nfs-server/0", env, "/lab/unit-2019", "2.6")
    bag = {"private-address": "10.99.0.2"}
    worker, login = {"kubernetes-worker/0": bag}, {"login/0": bag}
    unit.put(relations={
        "mount:1": {"name": "mount", "remote": "kubernetes-worker", "units": worker},
        "filesystem:2": {"name": "filesystem", "remote": "login", "units": login},
    })  # fmt: skip
    unit.configure(networks="10.98.0.0/24", export_root="/srv/2019", threads=9)
    status = unit.hooks("install", "config-changed")
    assert status == "active: 3 directories exported to 2 clients"
    bags = unit.state("relations")
    assert bags["mount:1"]["local"]["mountpoint"] == "/srv/2019/kubernetes-worker"
    assert "local-app" not in bags["filesystem:2"]
    assert unit.action("list-exports")["results"]["ok"] == "true"
    assert pair.server.read("/proc/fs/nfsd/threads").strip() == "9"
    assert pair.mount("/srv/2019/kubernetes-worker") == ""
    pair.client.sh("echo lab > /mnt/file; umount /mnt")
    status = unit.put(leaving=True).hooks("stop")
    assert status.startswith("maintenance: no longer exported; the data stays in /srv/2019, ")
    assert pair.server.sh("exportfs -s; cat /srv/2019/kubernetes-worker/file") == "lab\n"
    pair.unit.put(leaving=False)
    assert pair.exports(networks="10.99.0.0/24").startswith("active")


def test_versions_need_one_restart_and_threads_none(pair: Pair) -> None:
    """The machine's own settings come back when the options are empty again."""
    started = "systemctl show nfs-server -p ActiveEnterTimestampMonotonic"
    pair.exports(networks="10.99.0.0/24")
    assert "+3" in pair.server.read("/proc/fs/nfsd/versions")
    # As after a hook that was interrupted between the file and the restart.
    text = "[nfsd]\nvers4=y\nvers3=n\nvers4.0=n\nvers4.1=y\nvers4.2=y\n"
    pair.server.write("/etc/nfs.conf.d/nfs-server.conf", text)
    pair.exports(networks="10.99.0.0/24", nfs_versions="4.1 4.2")
    assert pair.server.read("/etc/nfs.conf.d/nfs-server.conf") == text
    versions = pair.server.read("/proc/fs/nfsd/versions")
    assert "-3" in versions
    assert "+4.2" in versions
    assert "-4.0" in versions
    since = pair.server.sh(started)
    pair.exports(networks="10.99.0.0/24", nfs_versions="4.1 4.2", threads=11)
    assert pair.server.read("/proc/fs/nfsd/threads").strip() == "11"
    assert pair.server.sh(started) == since
    pair.exports(networks="10.99.0.0/24", nfs_versions="4.1 4.2")
    assert pair.server.read("/proc/fs/nfsd/threads").strip() == "8"
    assert pair.server.sh(started) == since
    pair.exports(networks="10.99.0.0/24")
    assert "+3" in pair.server.read("/proc/fs/nfsd/versions")
    assert not pair.server.exists(f"{STATE_DIRECTORY}/settings.json")


# Four threads write until a file on the client's own disk stops them.
WRITERS = """
import os, threading
errors, rounds = [], [0] * 4
def write(number):
    path = "/mnt/writer-%d" % number
    while not os.path.exists("/tmp/enough"):
        try:
            with open(path, "a") as file:
                file.write("%d\\n" % rounds[number]); file.flush(); os.fsync(file.fileno())
            os.listdir("/mnt")
            rounds[number] += 1
        except OSError as error:
            errors.append(str(error)); return
threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
print(min(rounds), errors)
"""


def test_changes_of_exports_do_not_disturb_writers(pair: Pair) -> None:
    """Four writers see no error and no stale handle while exports change."""
    pair.exports(networks="10.99.0.0/24", root_mode="0777")
    assert pair.mount() == ""
    pair.client.write("/tmp/writers.py", WRITERS)
    output: list[str] = []
    writers = threading.Thread(
        target=lambda: output.append(pair.client.check("python3", "/tmp/writers.py"))
    )
    writers.start()
    for change in range(1, 5):
        status = pair.exports(
            networks=f"10.99.0.0/24 10.97.0.{change}", root_mode="0777", threads=8 + change
        )
        assert status == "active: 1 directory exported to 2 clients"
    pair.client.sh("touch /tmp/enough")
    writers.join()
    rounds, _, errors = output[0].strip().partition(" ")
    assert errors == "[]"
    assert int(rounds) > 10
    lines = pair.server.sh("cat /nfsroot/writer-0 | wc -l")
    assert int(lines) >= int(rounds), "lines are lost"
    pair.server.sh("rm /nfsroot/writer-*")


@pytest.mark.parametrize("moment", ["enter", "exit"])
def test_power_loss_while_exports_are_written_leaves_a_whole_file(pair: Pair, moment: str) -> None:
    """Before or after the file is in its place, the machine serves what the file says."""
    good = "10.99.0.0/24" if moment == "enter" else "10.99.0.0/24 10.91.0.1"
    pair.exports(networks=good)
    before = pair.server.read(EXPORTS_FILE)
    pair.unit.configure(networks="10.99.0.0/24 10.92.0.1").flush()
    pair.server.sh("sync")
    # The charm's process renames the trial's text first and the file second. Other processes
    # rename less often.
    delay = f"rename:delay_{moment}=60000000:when=2"
    trace = f"strace -f --seccomp-bpf -qq -o /dev/null -e trace=rename -e inject={delay}"
    driver = (
        "env PYTHONPATH=/lab python3 -m helpers.juju.unit /lab/unit config-changed"
        " --name nfs-server/0"
    )
    pair.server.sh(f"nohup {trace} {driver} > /dev/null 2>&1 &")
    reached = "ls -A /etc/exports.d | grep -q '^[.]labcharm-'"
    if moment == "exit":
        reached = f"grep -q 10.92.0.1 {EXPORTS_FILE}"
    pair.server.sh(f'timeout 240 sh -c "until {reached}; do sleep 0.2; done"')
    pair.server.cut()
    pair.server.boot()
    pair.server.address(f"{SERVER}/24")
    after = pair.server.read(EXPORTS_FILE)
    # A file that was renamed a moment ago may not be on the disk yet; then the last good one is.
    written = before.replace("10.91.0.1", "10.92.0.1")
    assert after == before or (moment == "exit" and after == written)
    pair.server.check("systemctl", "is-active", "nfs-server")
    served = {line.split()[1].split("(")[0] for line in pair.server.sh("exportfs -s").splitlines()}
    assert served == set(re.findall(r"(\S+)\(", after)), "the kernel's table differs"
    assert pair.mount() == ""
    status = pair.unit.hooks("start")
    assert status.startswith("active: 1 directory exported to 2 clients")
