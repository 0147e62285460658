"""The charm's exports with the exportfs of each nfs-utils: what it accepts and what it prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.host.machines import UnavailableError
from helpers.host.trees import RELEASES, Tree
from helpers.nfs.vm_state import EXPORTS_FILE
from labcharm.errors import BlockedError
from nfs_server.server.export_options import read_export_options
from nfs_server.server.exports import Exports
from nfs_server.server.shares import Share

CLIENTS = ("10.0.0.0/24", "10.1.0.7", "fd00::/64", "*")
OPTIONS = (
    "", "ro", "async", "all_squash", "all_squash,anonuid=65534,anongid=65534",
    "async,all_squash,insecure", "subtree_check,anonuid=7,anongid=8", "sec=sys",
    "no_wdelay,nohide,no_acl,crossmnt,fsid=7", "secure,wdelay,hide,acl,nocrossmnt",
    "sync,no_wdelay,hide", "anonuid=65534,anongid=100",
)  # fmt: skip


@pytest.fixture(params=RELEASES)
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tree]:
    """Return a machine with the exportfs of a release."""
    try:
        tree = Tree(request.param, tmp_path / "tree")
    except UnavailableError as error:
        pytest.skip(str(error))
    yield tree
    tree.stop()


@pytest.fixture
def exports(machine: Tree) -> Exports:
    """Return the exports of that machine."""
    return Exports(machine, "nfs-server")


def share(
    machine: Tree, name: str, options: str = "", clients: tuple[str, ...] = CLIENTS
) -> Share:
    """Return a share whose directory exists."""
    Path(machine.path(f"/srv/{name}")).mkdir(parents=True, exist_ok=True)
    return Share(name, f"/srv/{name}", clients, read_export_options(options))


def test_every_option_is_accepted_and_recognized(machine: Tree, exports: Exports) -> None:
    """A second run changes nothing."""
    shares = [share(machine, f"s{number}", text) for number, text in enumerate(OPTIONS)]
    shares[0] = shares[0]._replace(trusted=("10.2.0.5", "fd00::5"))

    assert exports.apply(shares, adopt=False)
    comparison = exports.compare(shares)
    assert comparison.changed == comparison.missing == comparison.extra == []
    assert len(comparison.correct) == len(OPTIONS) * len(CLIENTS) + 2
    assert not exports.apply(shares, adopt=False)


# The desired option of a share, and the one that is exported.
DIFFERENT_OPTIONS = (
    ("", "async"), ("async", ""), ("", "no_wdelay"), ("no_wdelay", ""), ("nohide", ""),
    ("", "nohide"), ("", "insecure"), ("", "all_squash"), ("all_squash", ""), ("", "ro"),
    ("", "subtree_check"), ("anonuid=7", "anonuid=65534"), ("anonuid=65534", "anonuid=7"),
)  # fmt: skip


def test_different_options_count_as_changed(machine: Tree, exports: Exports) -> None:
    """An option that nobody asked for does not count, except the four that each share has."""
    desired, exported = (
        [share(machine, f"s{number}", row[index]) for number, row in enumerate(DIFFERENT_OPTIONS)]
        for index in (0, 1)
    )
    exports.apply(exported, adopt=False)

    changed = exports.compare(desired).changed

    unchanged = [
        row
        for row, desired_share in zip(DIFFERENT_OPTIONS, desired, strict=True)
        if f"{desired_share.path} 10.1.0.7" not in changed
    ]
    assert unchanged == [("", "no_wdelay"), ("", "nohide"), ("", "insecure")]


HOSTS = """\
127.0.0.1 localhost
10.0.0.7 worker.lab.example worker w7
10.0.0.8 a.one
10.0.0.9 a.two
10.2.0.5 node5.lab.example node5
10.2.0.6 wide
10.3.0.6 wide
"""


def test_clients_may_be_host_names(machine: Tree, exports: Exports) -> None:
    """Aliases, a host with two names, nodes with names, and names in earlier foreign lines."""
    machine.write("/etc/hosts", HOSTS)
    machine.write("/etc/exports", "/srv/theirs worker(ro,sync,no_subtree_check)\n")
    share(machine, "theirs")
    names = ("10.0.0.0/24", "a.one", "a.two", "node5", "w7", "wide", "worker.lab.example")
    root = share(machine, "root", clients=names)._replace(trusted=("10.2.0.5", "10.2.0.6"))
    read_only = share(machine, "other", "ro", clients=names)

    assert exports.apply([root, read_only], adopt=False)
    comparison = exports.compare([root, read_only])
    assert comparison.changed == comparison.missing == comparison.extra == []
    assert not exports.apply([root, read_only], adopt=False)
    table = exports.kernel_table()
    assert "no_root_squash" in table[("/srv/root", "10.2.0.5")]
    assert "root_squash" in table[("/srv/root", "10.3.0.6")]
    assert {client for path, client in table if path == "/srv/root"} == {
        "10.0.0.0/24", "10.0.0.8", "10.0.0.9", "10.2.0.5", "10.2.0.6", "10.3.0.6",
        "worker.lab.example",
    }  # fmt: skip


def test_host_that_changes_its_address_is_followed(machine: Tree, exports: Exports) -> None:
    """By the next hook. While its name does not resolve, the last good exports stay."""
    machine.write("/etc/hosts", HOSTS)
    shares = [share(machine, "root", clients=("a.one", "a.two"))]
    exports.apply(shares, adopt=False)
    before = machine.read(EXPORTS_FILE), exports.kernel_table()

    machine.write("/etc/hosts", "")
    with pytest.raises(BlockedError, match=r"exportfs refuses: Failed to resolve a\.one"):
        Exports(machine, "nfs-server").apply(shares, adopt=False)
    assert (machine.read(EXPORTS_FILE), exports.kernel_table()) == before

    machine.write("/etc/hosts", HOSTS.replace("10.0.0.8", "10.0.0.88"))
    assert Exports(machine, "nfs-server").apply(shares, adopt=False)
    entries = sorted(exports.kernel_table())
    assert entries == [("/srv/root", "10.0.0.88"), ("/srv/root", "10.0.0.9")]


def test_refused_exports_leave_the_last_good_ones(machine: Tree, exports: Exports) -> None:
    """Nothing is written; the error has exportfs's own message."""
    good = share(machine, "good")
    exports.apply([good], adopt=False)
    before = machine.read(EXPORTS_FILE), exports.kernel_table()

    for bad, message in (
        (good._replace(name="gone", path="/srv/gone"), "Failed to stat /srv/gone"),
        (share(machine, "named", clients=("no-such-host",)), "Failed to resolve no-such-host"),
        (
            share(machine, "odd")._replace(options=("bogus",)),
            'line [0-9]: unknown keyword "bogus"',
        ),
    ):
        with pytest.raises(BlockedError, match=f"exportfs refuses: .*{message}"):
            exports.apply([good, bad], adopt=False)
        assert (machine.read(EXPORTS_FILE), exports.kernel_table()) == before


def test_missing_etc_exports_is_not_an_error(machine: Tree, exports: Exports) -> None:
    """Exportfs complains about it, but that is no reason against the charm's exports."""
    machine.remove("/etc/exports")

    assert exports.apply([share(machine, "good")], adopt=False)
    assert len(exports.kernel_table()) == len(CLIENTS)
    with pytest.raises(BlockedError, match=r"exportfs refuses: line \d: unknown keyword"):
        exports.apply([share(machine, "good")._replace(options=("bogus",))], adopt=False)
    assert not machine.exists("/etc/exports")


def test_directory_is_withdrawn_with_everything_in_it(machine: Tree, exports: Exports) -> None:
    """Other shares stay, and foreign lines stay commented out."""
    machine.write("/etc/exports", "/srv/disk *(rw,no_root_squash,no_subtree_check)\n")
    clients = ("10.0.0.0/24",)
    shares = [share(machine, name, clients=clients) for name in ("disk", "disk/login", "disk2")]
    exports.apply(shares, adopt=True)

    assert exports.withdraw("/srv/disk")
    assert list(exports.kernel_table()) == [("/srv/disk2", "10.0.0.0/24")]
    assert not exports.withdraw("/srv/disk")
    assert exports.apply(shares, adopt=False)
    assert {path for path, _ in exports.kernel_table()} == {entry.path for entry in shares}


def test_foreign_lines_are_restored(machine: Tree, exports: Exports) -> None:
    """After adopt took them over, removal restores them as they were, and in force."""
    text = "/srv/good *(rw,no_root_squash,no_subtree_check)\n"
    machine.write("/etc/exports", text)
    good = share(machine, "good", clients=("10.0.0.0/24",))

    assert exports.apply([good], adopt=True)
    assert list(exports.kernel_table()) == [("/srv/good", "10.0.0.0/24")]
    assert exports.remove()
    assert machine.read("/etc/exports") == text
    assert list(exports.kernel_table()) == [("/srv/good", "*")]
