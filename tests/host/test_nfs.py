"""The packed charm nfs-server on a real kernel: a machine that serves, and another that mounts."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.host.pairs import SERVER, Pair
from helpers.host.units import UnitOn
from helpers.host.vms import UnavailableError, Vm
from helpers.interpreters import find_python, missing

NOBODY = "65534"
OURS = "/etc/exports.d/nfs-server.exports"
# What kube-control is before the control plane says anything.
UNANSWERED = {"kube-control:1": {"name": "kube-control", "remote": "k", "units": {"k/0": {}}}}


@pytest.fixture(scope="module")
def pair(archives: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Give two machines: one made a server by the charm, and one that mounts."""
    try:
        made = Pair(tmp_path_factory.mktemp("vms"), archives)
    except UnavailableError as error:
        pytest.skip(str(error))
    try:
        assert made.install() == "active: 1 folder to 1 client"
        yield made
    finally:
        made.stop()


def state(server: Vm) -> str:
    """Return what a hook that has nothing to do must not touch."""
    files = f"{OURS} /etc/exports /var/lib/nfs/etab /var/lib/nfs-server-charm/* /etc/nfs.conf.d"
    return server.sh(
        f"stat -c '%n %i %Y' {files}; systemctl show nfs-server -p ExecMainExitTimestamp"
    )


def test_nothing_changes_by_a_second_run(pair: Pair) -> None:
    """Hooks with nothing to do write no file and tell the kernel nothing."""
    pair.exports(networks="10.99.0.0/24")
    before = state(pair.server)
    assert pair.unit.hooks("config-changed", "update-status", "upgrade-charm").startswith("active")
    assert state(pair.server) == before


def test_lost_exports_come_back(pair: Pair) -> None:
    """What somebody takes out of the kernel's table is there again after the next hook."""
    pair.exports(networks="10.99.0.0/24")
    pair.server.check("exportfs", "-au")
    listed = pair.unit.action("list-exports")["results"]
    assert listed["missing"] == '["/nfsroot 10.99.0.0/24"]'
    pair.unit.hooks("update-status")
    assert pair.unit.action("list-exports")["results"]["ok"] == "true"


def test_a_client_writes_what_it_may(pair: Pair) -> None:
    """Root is nobody, nobody writes where it may, and a share that is read-only stays so."""
    shares = "open: {path: /srv/open}\nfixed: {path: /srv/fixed, options: ro}\n"
    shares += "one: {path: /srv/one, options: 'all_squash,anonuid=1234'}"
    pair.exports(networks="10.99.0.0/24", shares=shares)
    pair.server.sh("chmod 0777 /srv/open /srv/fixed /srv/one")
    assert pair.mount() == ""
    assert "Permission denied" in pair.client.run("touch", "/mnt/a").err
    assert pair.mount("/srv/open") == ""
    pair.client.sh("echo lab > /mnt/a")
    assert pair.server.sh("stat -c %u /srv/open/a; cat /srv/open/a").split() == [NOBODY, "lab"]
    assert pair.mount("/srv/one") == ""
    pair.client.sh("setpriv --reuid=4000 --clear-groups touch /mnt/a")
    assert pair.server.sh("stat -c %u /srv/one/a").strip() == "1234"
    assert pair.mount("/srv/fixed") == ""
    assert "Read-only file system" in pair.client.run("touch", "/mnt/a").err


def test_nobody_else_mounts(pair: Pair) -> None:
    """A client that is not listed is refused, and admitted when it is."""
    pair.exports(networks="10.99.0.7 10.98.0.0/16", shares="")
    assert re.search("access denied|No such file", pair.mount())
    pair.exports(networks="10.99.0.7 10.98.0.0/16 10.99.0.2")
    assert pair.mount() == ""


def test_everybody_only_by_a_word_and_with_a_warning(pair: Pair) -> None:
    """The status never leaves it unsaid."""
    told = pair.exports(networks="*")
    assert told == "blocked: networks: * admits everybody; name networks, or set allow-world=true"
    told = pair.exports(networks="*", allow_world=True)
    assert told == "active: 1 folder to 1 client; open to everybody: /nfsroot"
    assert pair.unit.action("list-exports")["results"]["correct"] == '["/nfsroot *"]'
    assert pair.mount() == ""


def test_nodes_keep_their_root_while_the_cluster_is_silent(pair: Pair) -> None:
    """The nodes that were last seen keep their access, and their root stays root."""
    pair.exports(networks="10.99.0.0/24")
    known = '{"nodes": ["10.99.0.2"], "root": "/nfsroot"}'
    pair.server.write("/var/lib/nfs-server-charm/cluster.json", known)
    status = pair.unit.put(relations=UNANSWERED).hooks("config-changed")
    assert status.startswith("waiting: 1 folder to 2 clients; no credentials from kube-control")
    assert pair.mount() == ""
    pair.client.sh("mkdir -m 0700 /mnt/of-root; chown 1000 /mnt/of-root")
    assert pair.server.sh("stat -c '%u %a' /nfsroot/of-root").split() == ["1000", "700"]
    moved = pair.exports(networks="10.99.0.0/24", export_root="/srv/else")
    assert "claims may lie in /nfsroot" in moved
    assert "/nfsroot 10.99.0.2(" in pair.server.read(OURS), "the nodes lost their folder"
    status = pair.unit.put(relations={}).configure(networks="10.99.0.0/24").hooks("config-changed")
    assert "its nodes keep their access" in status
    assert "/nfsroot 10.99.0.2(" in pair.server.read(OURS)
    answer = pair.unit.action("remove-objects")
    assert "objects of ours on the cluster that is not related any more" in answer["failed"]
    assert pair.unit.hooks("update-status") == "active: 1 folder to 1 client"
    pair.server.sh("rmdir /nfsroot/of-root")


def test_related_applications(pair: Pair) -> None:
    """Each is told a folder of its own, which no other's units may mount; it stays behind.

    Whoever may mount the export root reaches it there, unless applications-root is elsewhere.
    """
    worker = {"kubernetes-worker/0": {"ingress-address": "10.99.0.2"}}
    login = {"login/0": {"egress-subnets": "10.98.0.4/32", "private-address": "10.99.0.4"}}
    relations = {
        "mount:5": {"name": "mount", "remote": "kubernetes-worker", "units": worker},
        "filesystem:6": {"name": "filesystem", "remote": "login", "units": login},
    }
    network = {"bind-addresses": [], "ingress-addresses": [SERVER], "egress-subnets": []}
    pair.unit.put(relations=relations, network=network)
    assert pair.exports(networks="10.97.0.0/24") == "active: 3 folders to 3 clients"
    bags = pair.unit.state("relations")
    assert bags["mount:5"]["local"] == {
        "mountpoint": "/nfsroot/kubernetes-worker", "fstype": "nfs", "options": "defaults",
        "hostname": SERVER, "export_name": "kubernetes-worker",
    }  # fmt: skip
    assert bags["filesystem:6"]["local-app"] == {
        "endpoint": f"nfs://({SERVER}:2049)/nfsroot/login"
    }
    assert pair.mount("/nfsroot/kubernetes-worker") == ""
    pair.client.sh("echo lab > /mnt/file")
    assert re.search("denied|No such", pair.mount("/nfsroot/login"))
    pair.exports(networks="10.99.0.0/24 10.97.0.0/24")
    assert pair.mount() == ""
    assert pair.client.read("/mnt/kubernetes-worker/file") == "lab\n"
    # Another export root, and the one before as a share: nobody's folder moves.
    old = "old: {path: /nfsroot, clients: [10.97.0.0/24]}"
    told = pair.exports(networks="10.97.0.0/24", export_root="/srv/new", shares=old)
    assert told == "active: 4 folders to 3 clients"
    assert pair.unit.state("relations") == bags
    assert pair.mount("/nfsroot/kubernetes-worker") == ""
    assert pair.client.read("/mnt/file") == "lab\n"
    # A later one is put where nobody else may mount what lies above.
    relations["mount:7"] = {"name": "mount", "remote": "later", "units": {"later/0": {
        "egress-subnets": "0.0.0.0/0,10.98.0.9/32"}}}  # fmt: skip
    pair.unit.put(relations=relations)
    told = pair.exports(networks="10.99.0.0/24", applications_root="/srv/apps")
    assert told == (
        "active: 4 folders to 4 clients; not opened to 0.0.0.0/0 for later, which needs"
        " allow-world=true"
    )
    assert pair.unit.state("relations")["mount:7"]["local"]["mountpoint"] == "/srv/apps/later"
    assert re.search("denied|No such", pair.mount("/srv/apps/later"))
    pair.unit.put(relations={})
    assert pair.exports(networks="10.99.0.0/24") == "active: 1 folder to 1 client"
    assert pair.server.read("/nfsroot/kubernetes-worker/file") == "lab\n"
    pair.server.sh("rm -r /nfsroot/kubernetes-worker /nfsroot/login /srv/apps /srv/new")


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"networks": "10.99.0.0/33 *"}, "networks: '10.99.0.0/33' is no client"),
    ({"shares": "x: {path: /etc/x}"}, "/etc/x belongs to the system"),
    ({"shares": "x: {path: /srv/ram}", "adopt": True}, "exportfs refuses: "),
    ({"shares": "x: {path: /data2}", "networks": "no-such-host.invalid"}, "Failed to resolve"),
    ({"root-owner": "nobody-of-this-name:root"}, "this machine has no user"),
    ({"export-root": "/srv/held"}, "/srv/held holds files that this application did not make"),
    ({"export-root": "/srv/link"}, "/srv/link is reached through a link"),
]


def test_what_cannot_be_leaves_the_last_good(pair: Pair) -> None:
    """What is refused, by us or by exportfs, changes nothing of what is exported."""
    pair.exports(networks="10.99.0.0/24")
    pair.server.sh(
        "mkdir -p /srv/held /srv/ram; echo x > /srv/held/x; ln -sfn /srv/held /srv/link;"
        "mount -t ramfs ramfs /srv/ram"
    )
    seen = f"cat {OURS} /srv/held/x; exportfs -s"
    before = pair.server.sh(seen)
    for options, told in REFUSED:
        status = pair.exports(**{"networks": "10.99.0.0/24", **options})
        assert status.startswith("blocked: ")
        assert told in status
        assert pair.server.sh(seen) == before, options
    pair.server.sh("rmdir /data2; umount /srv/ram")


def test_what_does_not_stand_beside_others_is_taken_back(pair: Pair) -> None:
    """Taken by exportfs alone, not as meant in the kernel's table: the last good file is back."""
    pair.exports(networks="10.99.0.0/24")
    before = pair.server.sh(f"cat {OURS}; exportfs -s")
    # The first line for a folder and client counts; this one leads to the folder by a link.
    pair.server.sh("ln -s /nfsroot /srv/alias; echo '/srv/alias 10.96.0.1(ro)' > /etc/exports")
    status = pair.exports(networks="10.99.0.0/24 10.96.0.1")
    assert status.startswith("blocked: exportfs -ra: ")
    pair.server.sh("rm /srv/alias; : > /etc/exports; exportfs -ra")
    assert pair.server.sh(f"cat {OURS}; exportfs -s") == before


def test_hand_made_exports_are_taken_over_by_a_word(pair: Pair) -> None:
    """The guide's line blocks us with its number, is kept aside on demand, and comes back."""
    text = (
        "# the guide's\n/nfsroot *(rw,no_root_squash,no_subtree_check)\n/srv/other 10.99.0.9(ro)\n"
    )
    pair.server.sh("mkdir -p /srv/other")
    pair.server.write("/etc/exports", text)
    status = pair.exports(networks="10.99.0.0/24")
    assert status.startswith("blocked: /etc/exports line 2 exports /nfsroot; take the line out")
    assert pair.server.read("/etc/exports") == text
    assert pair.exports(networks="10.99.0.0/24", adopt=True).startswith("active")
    listed = pair.server.sh("exportfs -s")
    assert "/nfsroot  *" not in listed
    assert "/srv/other  10.99.0.9" in listed
    pair.unit.put(leaving=True).hooks("stop")
    assert pair.server.read("/etc/exports") == text, "not given back"
    assert pair.server.exists("/nfsroot")
    assert not pair.server.exists(OURS)
    pair.server.write("/etc/exports", "")
    pair.unit.put(leaving=False)
    assert pair.exports(networks="10.99.0.0/24").startswith("active")


def python_of_2019(machine: Vm) -> str:
    """Bring Python 3.6 without what no charm uses; return the folder with its `python3`."""
    program = find_python("3.6")
    if not program:
        pytest.skip(missing("3.6"))
    home = Path(program).parents[1]
    kept = [
        "bin/python3.6",
        "lib/python3.6",
        *(p.relative_to(home) for p in home.glob("lib/lib*3.6*so*")),
    ]
    left = ("*.opt-?.pyc", "test", "site-packages", "idlelib", "lib2to3", "ensurepip", "config-*")
    command = ["tar", "-C", str(home), *(f"--exclude={name}" for name in left), "-czf", "-"]
    packed = subprocess.run([*command, *map(str, kept)], capture_output=True, check=True).stdout
    folder = f"{home}/bin"  # it looks for its library where it was built
    script = f"mkdir -p {home}; tar -C {home} -xzf -; ln -s python3.6 {folder}/python3"
    done = machine.run(
        "sh", "-ec", f"{script}; {folder}/python3 -c 'import ctypes, ssl'", data=packed
    )
    if done.code:
        pytest.skip(f"Python 3.6 does not run there: {done.err}")
    return folder


def test_the_archive_of_2019(pair: Pair, archives: Path) -> None:
    """On Python 3.6, by the hook links of Juju 2.6, whose applications have no data bag yet."""
    python = python_of_2019(pair.server)
    pair.unit.put(leaving=True).hooks("stop")
    archive = archives / "nfs-server_bionic-focal.charm"
    env = {"PATH": f"{python}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    unit = UnitOn(pair.server, archive, "nfs-server/0", env, "/lab/unit-2019", "2.6")
    at = {"private-address": "10.99.0.2"}
    worker, login = {"kubernetes-worker/0": at}, {"login/0": at}
    unit.put(relations={
        "mount:1": {"name": "mount", "remote": "kubernetes-worker", "units": worker},
        "filesystem:2": {"name": "filesystem", "remote": "login", "units": login},
    })  # fmt: skip
    unit.configure(networks="10.98.0.0/24", export_root="/srv/2019", threads=9)
    status = unit.hooks("install", "config-changed")
    assert status == "active: 3 folders to 2 clients"
    bags = unit.state("relations")
    assert bags["mount:1"]["local"]["mountpoint"] == "/srv/2019/kubernetes-worker"
    assert "local-app" not in bags["filesystem:2"]
    assert unit.action("list-exports")["results"]["ok"] == "true"
    assert pair.server.read("/proc/fs/nfsd/threads").strip() == "9"
    assert pair.mount("/srv/2019/kubernetes-worker") == ""
    pair.client.sh("echo lab > /mnt/file; umount /mnt")
    status = unit.put(leaving=True).hooks("stop")
    assert status.startswith("maintenance: no longer exported; the data stay in /srv/2019, ")
    assert pair.server.sh("exportfs -s; cat /srv/2019/kubernetes-worker/file") == "lab\n"
    pair.unit.put(leaving=False)
    assert pair.exports(networks="10.99.0.0/24").startswith("active")


def test_versions_and_threads(pair: Pair) -> None:
    """NFS 3 goes by one restart; threads are given to the running server; both are given back."""
    pair.exports(networks="10.99.0.0/24")
    assert "+3" in pair.server.read("/proc/fs/nfsd/versions")
    # A hook that was cut off between the file and the restart.
    text = "[nfsd]\nvers4=y\nvers3=n\nvers4.0=n\nvers4.1=y\nvers4.2=y\n"
    pair.server.write("/etc/nfs.conf.d/nfs-server.conf", text)
    pair.exports(networks="10.99.0.0/24", nfs_versions="4.1 4.2")
    assert pair.server.read("/etc/nfs.conf.d/nfs-server.conf") == text
    versions = pair.server.read("/proc/fs/nfsd/versions")
    assert "-3" in versions
    assert "+4.2" in versions
    assert "-4.0" in versions
    since = pair.server.sh("systemctl show nfs-server -p ActiveEnterTimestampMonotonic")
    pair.exports(networks="10.99.0.0/24", nfs_versions="4.1 4.2", threads=11)
    assert pair.server.read("/proc/fs/nfsd/threads").strip() == "11"
    assert pair.server.sh("systemctl show nfs-server -p ActiveEnterTimestampMonotonic") == since
    pair.exports(networks="10.99.0.0/24", nfs_versions="4.1 4.2")
    assert pair.server.read("/proc/fs/nfsd/threads").strip() == "8"
    assert pair.server.sh("systemctl show nfs-server -p ActiveEnterTimestampMonotonic") == since
    pair.exports(networks="10.99.0.0/24")
    assert "+3" in pair.server.read("/proc/fs/nfsd/versions")
    assert not pair.server.exists("/var/lib/nfs-server-charm/settings.json")


# Until they are told to stop: by a file on their own disk.
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


def test_writers_see_nothing_of_changed_exports(pair: Pair) -> None:
    """Exports that change under four writers cost them no error and no stale handle."""
    pair.exports(networks="10.99.0.0/24", root_mode="0777")
    assert pair.mount() == ""
    pair.client.write("/tmp/writers.py", WRITERS)
    said: list[str] = []
    writers = threading.Thread(
        target=lambda: said.append(pair.client.check("python3", "/tmp/writers.py"))
    )
    writers.start()
    for change in range(1, 5):
        status = pair.exports(
            networks=f"10.99.0.0/24 10.97.0.{change}", root_mode="0777", threads=8 + change
        )
        assert status == "active: 1 folder to 2 clients"
    pair.client.sh("touch /tmp/enough")
    writers.join()
    rounds, _, errors = said[0].strip().partition(" ")
    assert errors == "[]"
    assert int(rounds) > 10
    counted = pair.server.sh("cat /nfsroot/writer-0 | wc -l")
    assert int(counted) >= int(rounds), "lines are lost"
    pair.server.sh("rm /nfsroot/writer-*")


def test_a_thousand_clients(pair: Pair) -> None:
    """A thousand addresses are exported, and the next run has nothing to do."""
    many = " ".join(f"10.{96 - number // 250}.{number % 250}.7" for number in range(1000))
    status = pair.exports(networks=f"{many} 10.99.0.0/24")
    assert status == "active: 1 folder to 1001 clients"
    assert len(pair.server.sh("exportfs -s").splitlines()) == 1001
    before = state(pair.server)
    pair.unit.hooks("update-status")
    assert state(pair.server) == before
    assert pair.mount() == ""


@pytest.mark.parametrize("moment", ["enter", "exit"])
def test_power_goes_while_exports_are_written(pair: Pair, moment: str) -> None:
    """Cut off before or after the file comes to its place: the machine serves what is whole."""
    good = "10.99.0.0/24" if moment == "enter" else "10.99.0.0/24 10.91.0.1"
    pair.exports(networks=good)
    before = pair.server.read(OURS)
    pair.unit.configure(networks="10.99.0.0/24 10.92.0.1").settle()
    pair.server.sh("sync")
    # The charm's process writes the text to be tried, then the file; others rename less often.
    late = f"rename:delay_{moment}=60000000:when=2"
    trace = f"strace -f --seccomp-bpf -qq -o /dev/null -e trace=rename -e inject={late}"
    driver = "python3 /lab/driver/unit.py /lab/unit config-changed --name nfs-server/0"
    pair.server.sh(f"nohup {trace} {driver} > /dev/null 2>&1 &")
    reached = "ls -A /etc/exports.d | grep -q '^[.]labcharm-'"
    if moment == "exit":
        reached = f"grep -q 10.92.0.1 {OURS}"
    pair.server.sh(f'timeout 240 sh -c "until {reached}; do sleep 0.2; done"')
    pair.server.cut()
    pair.server.boot()
    pair.server.address(f"{SERVER}/24")
    after = pair.server.read(OURS)
    # What was renamed a moment ago may not be on the disk yet; then the last good file is.
    meant = before.replace("10.91.0.1", "10.92.0.1")
    assert after == before or (moment == "exit" and after == meant)
    pair.server.check("systemctl", "is-active", "nfs-server")
    served = {line.split()[1].split("(")[0] for line in pair.server.sh("exportfs -s").splitlines()}
    assert served == set(re.findall(r"(\S+)\(", after)), "the kernel serves something else"
    assert pair.mount() == ""
    assert pair.unit.hooks("start").startswith("active: 1 folder to 2 clients")


def test_storage_of_juju(pair: Pair) -> None:
    """A storage is exported once it is mounted, and let go before it is detached."""
    pair.unit.put(leaving=True).hooks("stop")
    pair.unit.put(leaving=False, storages={"export/0": "/nfsroot"})
    status = pair.exports(networks="10.99.0.0/24")
    assert status == "blocked: the storage export is not mounted at /nfsroot"
    pair.server.sh(
        "truncate -s 64M /disk; mke2fs -q -F /disk; mount -o loop /disk /nfsroot;"
        "echo d > /nfsroot/d"
    )
    assert pair.exports(networks="10.99.0.0/24").startswith("active")
    assert "mountpoint" in pair.server.read(OURS)
    assert pair.mount() == ""
    assert pair.client.read("/mnt/d") == "d\n"
    elsewhere = pair.exports(networks="10.99.0.0/24", export_root="/srv/else")
    assert "set export-root to that" in elsewhere
    beside = "beside: {path: /srv/beside}"
    assert pair.exports(networks="10.99.0.0/24", shares=beside).startswith("active: 2 folders")
    assert pair.mount("/srv/beside") == ""
    status = pair.unit.hooks("export-storage-detaching")
    assert "what lies on it is not exported any more" in status
    pair.server.sh("umount /nfsroot")
    pair.unit.put(storages={})
    assert "attach it again" in pair.unit.hooks("update-status")
    pair.client.sh("ls /mnt")
    assert [line.split()[0] for line in pair.server.sh("exportfs -s").splitlines()] == [
        "/srv/beside"
    ]
    told = pair.unit.put(leaving=True).hooks("stop")
    assert told.endswith("the data stay in /srv/beside and on the storage export")
    pair.client.sh("umount -lf /mnt")
    pair.unit.put(leaving=False)


def test_a_storage_over_what_was_served(pair: Pair) -> None:
    """Claims' folders do not vanish below it without a word, and the how-to brings them over."""
    pair.server.sh("rm -r /nfsroot; mkdir /nfsroot")
    assert pair.exports(networks="10.99.0.0/24").startswith("active")
    pair.server.sh("echo d > /nfsroot/claim; mke2fs -q -F /disk; mount -o loop /disk /nfsroot")
    pair.unit.put(storages={"export/0": "/nfsroot"})
    told = pair.unit.hooks("export-storage-attached")
    assert told.startswith("blocked: the storage export hides what /nfsroot held (claim); detach")
    pair.server.sh(
        "mkdir /below && mount --bind / /below; cp -a /below/nfsroot/. /nfsroot/;"
        "mkdir /below/nfsroot.old;"
        "find /below/nfsroot -mindepth 1 -maxdepth 1 -exec mv -t /below/nfsroot.old {} +;"
        "umount /below && rmdir /below"
    )
    assert pair.unit.hooks("update-status") == "active: 1 folder to 1 client"
    assert "mountpoint" in pair.server.read(OURS)
    pair.unit.hooks("export-storage-detaching")
    pair.server.sh("umount /nfsroot")
    pair.unit.put(storages={}, leaving=True).hooks("stop")
    pair.unit.put(leaving=False)


def test_what_it_was_given_stays_behind(pair: Pair) -> None:
    """The unit goes with its exports; folders and data stay, and the status says where."""
    pair.exports(networks="10.99.0.0/24")
    pair.server.sh("echo kept > /nfsroot/kept")
    assert pair.exports(networks="10.99.0.0/24", adopt=True).startswith("active")
    status = pair.unit.put(leaving=True).hooks("stop")
    assert status == "maintenance: no longer exported; the data stay in /nfsroot"
    assert pair.server.read("/nfsroot/kept") == "kept\n"
    assert pair.server.sh("exportfs -s").strip() == ""
    assert not pair.server.exists("/var/lib/nfs-server-charm")


OPTIONS = (
    "ro", "async,all_squash,insecure", "subtree_check,anonuid=7,anongid=8", "sec=sys",
    "no_wdelay,nohide,no_acl,crossmnt,fsid=7",
)  # fmt: skip


def test_exportfs_takes_what_we_take(pair: Pair) -> None:
    """Every option that a share may have is one of exportfs's, and is found in its table."""
    pair.unit.put(leaving=False)
    shares = {f"s{number}": {"path": f"/srv/s{number}", "options": options}
              for number, options in enumerate(OPTIONS)}  # fmt: skip
    assert pair.exports(
        networks="10.99.0.0/24 fd00::/64", shares=json.dumps(shares), adopt=True
    ) == "active: 6 folders to 2 clients"  # fmt: skip
    assert pair.unit.action("list-exports")["results"]["ok"] == "true"


def test_a_container_says_so(archives: Path, machine: object) -> None:
    """A container is told from a machine before anything is installed."""
    unit = UnitOn(machine, archives / "nfs-server_jammy-noble.charm", "nfs-server/0", {})  # type: ignore[arg-type]
    status = unit.hooks("install")
    assert status.startswith("blocked: this is a container")
    assert "place the unit on a machine" in status
