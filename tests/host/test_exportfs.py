"""Our exports and the exportfs of each age: what it takes, and how its table reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.host.machines import UnavailableError
from helpers.host.trees import RELEASES, Tree
from nfs_server.server.exports import Exports, ExportsError
from nfs_server.shares import Share, read_options

OURS = "/etc/exports.d/nfs-server.exports"
CLIENTS = ("10.0.0.0/24", "10.1.0.7", "fd00::/64", "*")
OPTIONS = (
    "", "ro", "async", "all_squash", "all_squash,anonuid=65534,anongid=65534",
    "async,all_squash,insecure", "subtree_check,anonuid=7,anongid=8", "sec=sys",
    "no_wdelay,nohide,no_acl,crossmnt,fsid=7", "secure,wdelay,hide,acl,nocrossmnt",
    "sync,no_wdelay,hide", "anonuid=65534,anongid=100",
)  # fmt: skip


@pytest.fixture(params=RELEASES)
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tree]:
    """Give a release's exportfs to a test."""
    try:
        made = Tree(request.param, tmp_path / "tree")
    except UnavailableError as error:
        pytest.skip(str(error))
    yield made
    made.stop()


@pytest.fixture
def exports(machine: Tree) -> Exports:
    """Return the exports of that machine."""
    return Exports(machine, "nfs-server")


def share(
    machine: Tree, name: str, options: str = "", clients: tuple[str, ...] = CLIENTS
) -> Share:
    """Return a share whose folder is there."""
    Path(machine.path(f"/srv/{name}")).mkdir(parents=True, exist_ok=True)
    return Share(name, f"/srv/{name}", clients, read_options(options), ())


def test_every_option_is_taken_and_found_again(machine: Tree, exports: Exports) -> None:
    """Written, read by exportfs, and as meant in its table; then there is nothing to do."""
    shares = [share(machine, f"s{number}", text) for number, text in enumerate(OPTIONS)]
    shares[0] = shares[0]._replace(trusted=("10.2.0.5", "fd00::5"))

    assert exports.apply(shares, adopt=False)
    found = exports.compare(shares)
    assert found.changed == found.missing == found.extra == []
    assert len(found.correct) == len(OPTIONS) * len(CLIENTS) + 2
    assert not exports.apply(shares, adopt=False)


OTHERS = (
    ("", "async"), ("async", ""), ("", "no_wdelay"), ("no_wdelay", ""), ("nohide", ""),
    ("", "nohide"), ("", "insecure"), ("", "all_squash"), ("all_squash", ""), ("", "ro"),
    ("", "subtree_check"), ("anonuid=7", "anonuid=65534"), ("anonuid=65534", "anonuid=7"),
)  # fmt: skip


def test_other_options_are_told(machine: Tree, exports: Exports) -> None:
    """What stands in the table with another option than is meant is never taken for it."""
    meant = [share(machine, f"s{number}", one) for number, (one, _) in enumerate(OTHERS)]
    there = [share(machine, f"s{number}", one) for number, (_, one) in enumerate(OTHERS)]
    exports.apply(there, adopt=False)

    wrong = exports.compare(meant).changed
    unsaid = [pair for pair, one in zip(OTHERS, meant, strict=True)
              if f"{one.path} 10.1.0.7" not in wrong]  # fmt: skip
    # An option that nobody asked for is not compared, except the four that each share has.
    assert unsaid == [("", "no_wdelay"), ("", "nohide"), ("", "insecure")]


HOSTS = """\
127.0.0.1 localhost
10.0.0.7 worker.lab.example worker w7
10.0.0.8 a.one
10.0.0.9 a.two
10.2.0.5 node5.lab.example node5
10.2.0.6 wide
10.3.0.6 wide
"""


def test_hosts_by_name(machine: Tree, exports: Exports) -> None:
    """Aliases, one host by two names, nodes that have names, and names that others wrote first."""
    machine.write("/etc/hosts", HOSTS)
    machine.write("/etc/exports", "/srv/theirs worker(ro,sync,no_subtree_check)\n")
    share(machine, "theirs")
    names = ("10.0.0.0/24", "a.one", "a.two", "node5", "w7", "wide", "worker.lab.example")
    root = share(machine, "root", clients=names)._replace(trusted=("10.2.0.5", "10.2.0.6"))
    other = share(machine, "other", "ro", clients=names)

    assert exports.apply([root, other], adopt=False)
    found = exports.compare([root, other])
    assert found.changed == found.missing == found.extra == []
    assert not exports.apply([root, other], adopt=False)
    there = exports.current()
    assert "no_root_squash" in there[("/srv/root", "10.2.0.5")]
    assert "root_squash" in there[("/srv/root", "10.3.0.6")]
    assert {client for path, client in there if path == "/srv/root"} == {
        "10.0.0.0/24", "10.0.0.8", "10.0.0.9", "10.2.0.5", "10.2.0.6", "10.3.0.6",
        "worker.lab.example",
    }  # fmt: skip


def test_a_host_that_moves(machine: Tree, exports: Exports) -> None:
    """Follows at the next hook; while nobody knows its name the last good exports stand."""
    machine.write("/etc/hosts", HOSTS)
    shares = [share(machine, "root", clients=("a.one", "a.two"))]
    exports.apply(shares, adopt=False)
    before = machine.read(OURS), exports.current()

    machine.write("/etc/hosts", "")
    with pytest.raises(ExportsError, match=r"exportfs refuses: Failed to resolve a\.one"):
        Exports(machine, "nfs-server").apply(shares, adopt=False)
    assert (machine.read(OURS), exports.current()) == before

    machine.write("/etc/hosts", HOSTS.replace("10.0.0.8", "10.0.0.88"))
    assert Exports(machine, "nfs-server").apply(shares, adopt=False)
    assert sorted(exports.current()) == [("/srv/root", "10.0.0.88"), ("/srv/root", "10.0.0.9")]


def test_what_exportfs_refuses_leaves_the_last_good(machine: Tree, exports: Exports) -> None:
    """Nothing is written; exportfs's own words are told."""
    good = share(machine, "good")
    exports.apply([good], adopt=False)
    before = machine.read(OURS), exports.current()

    for bad, told in (
        (good._replace(name="gone", path="/srv/gone"), "Failed to stat /srv/gone"),
        (share(machine, "named", clients=("no-such-host",)), "Failed to resolve no-such-host"),
        (
            share(machine, "odd")._replace(options=("bogus",)),
            'line [0-9]: unknown keyword "bogus"',
        ),
    ):
        with pytest.raises(ExportsError, match=f"exportfs refuses: .*{told}"):
            exports.apply([good, bad], adopt=False)
        assert (machine.read(OURS), exports.current()) == before


def test_without_a_file_of_others(machine: Tree, exports: Exports) -> None:
    """Exportfs complains of /etc/exports that somebody removed, which is nothing against ours."""
    machine.remove("/etc/exports")

    assert exports.apply([share(machine, "good")], adopt=False)
    assert len(exports.current()) == len(CLIENTS)
    with pytest.raises(ExportsError, match=r"exportfs refuses: line \d: unknown keyword"):
        exports.apply([share(machine, "good")._replace(options=("bogus",))], adopt=False)
    assert not machine.exists("/etc/exports")


def test_a_folder_is_let_go(machine: Tree, exports: Exports) -> None:
    """With what lies in it; other shares stay, and hand-made lines are kept aside still."""
    machine.write("/etc/exports", "/srv/disk *(rw,no_root_squash,no_subtree_check)\n")
    some = ("10.0.0.0/24",)
    shares = [share(machine, name, clients=some) for name in ("disk", "disk/login", "disk2")]
    exports.apply(shares, adopt=True)

    assert exports.drop("/srv/disk")
    assert list(exports.current()) == [("/srv/disk2", "10.0.0.0/24")]
    assert not exports.drop("/srv/disk")
    assert exports.apply(shares, adopt=False)
    assert {path for path, _ in exports.current()} == {one.path for one in shares}


def test_hand_made_lines_come_back(machine: Tree, exports: Exports) -> None:
    """Taken over by a word, given back as they were, and in force again."""
    text = "/srv/good *(rw,no_root_squash,no_subtree_check)\n"
    machine.write("/etc/exports", text)
    good = share(machine, "good", clients=("10.0.0.0/24",))

    assert exports.apply([good], adopt=True)
    assert list(exports.current()) == [("/srv/good", "10.0.0.0/24")]
    assert exports.remove()
    assert machine.read("/etc/exports") == text
    assert list(exports.current()) == [("/srv/good", "*")]
