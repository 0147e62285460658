"""The file, the kernel's table as exportfs prints it, and others' lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcharm.machine import Machine, Result
from nfs_server.server.exports import (
    Exports,
    by_address,
    drift,
    folders_of,
    read_table,
    table,
    text_of,
)
from nfs_server.server.resolver import resolve
from nfs_server.shares import Share

OPTIONS = ("rw", "sync", "no_subtree_check", "root_squash")
ROOT = Share("export-root", "/nfsroot", ("10.0.0.0/24",), OPTIONS, ("10.0.0.5", "10.9.0.1"))
SAID = "(sync,wdelay,hide,no_subtree_check,sec=sys,rw,secure,%s,no_all_squash)\n"
PRINTED = (
    f"/nfsroot  10.0.0.0/24{SAID % 'root_squash'}"
    f"/nfsroot  10.0.0.5{SAID % 'no_root_squash'}"
    f"/nfsroot  10.9.0.1{SAID % 'no_root_squash'}"
)


def test_text() -> None:
    """A line per client; the nodes' root stays root."""
    assert text_of(table([ROOT]), "nfs-server").splitlines()[1:] == [
        "/nfsroot 10.0.0.0/24(rw,sync,no_subtree_check,root_squash)",
        "/nfsroot 10.0.0.5(rw,sync,no_subtree_check,no_root_squash)",
        "/nfsroot 10.9.0.1(rw,sync,no_subtree_check,no_root_squash)",
    ]


def test_no_drift() -> None:
    """What exportfs prints of it is as meant."""
    found = drift(table([ROOT]), read_table(PRINTED), {"/nfsroot"}, {})

    assert found.correct == ["/nfsroot 10.0.0.0/24", "/nfsroot 10.0.0.5", "/nfsroot 10.9.0.1"]
    assert found.changed == found.missing == found.extra == []


# Printed by nfs-utils 1.3.4 (Debian's 1:1.3.4-6; Ubuntu 18.04 and 20.04) for ROOT's lines.
OLD = """\
/nfsroot  10.0.0.5(rw,wdelay,no_root_squash,no_subtree_check,sec=sys,rw,secure,no_root_squash,no_all_squash)
/nfsroot  10.9.0.1(rw,wdelay,no_root_squash,no_subtree_check,sec=sys,rw,secure,no_root_squash,no_all_squash)
/nfsroot  10.0.0.0/24(rw,wdelay,root_squash,no_subtree_check,sec=sys,rw,secure,root_squash,no_all_squash)
"""  # noqa: E501 - as it is printed


def test_no_drift_in_what_18_04_prints() -> None:
    """It leaves defaults out that later ones print; the other of each pair is told."""
    found = drift(table([ROOT]), read_table(OLD), {"/nfsroot"}, {})
    assert len(found.correct) == 3
    assert found.changed == found.missing == found.extra == []

    other = read_table(OLD.replace("(rw,wdelay,root_squash", "(rw,async,wdelay,root_squash"))
    assert drift(table([ROOT]), other, {"/nfsroot"}, {}).changed == ["/nfsroot 10.0.0.0/24"]


@pytest.mark.parametrize(
    ("option", "printed", "holds"),
    [
        ("anonuid=65534", "", True),
        ("anonuid=65534", "anongid=7", True),
        ("anonuid=65534", "anonuid=7", False),
        ("anongid=7", "", False),
        ("anongid=7", "anongid=7", True),
        ("hide", "", True),
        ("hide", "nohide", False),
        ("no_wdelay", "", True),
        ("no_wdelay", "wdelay", False),
        ("wdelay", "", False),
    ],
)
def test_options_that_may_be_left_out(option: str, printed: str, holds: bool) -> None:
    """Nobody's numbers in all versions, some defaults in old ones."""
    share = ROOT._replace(options=("rw", option), trusted=())
    there = read_table(f"/nfsroot  10.0.0.0/24(rw,{printed},sec=sys,rw)\n")

    assert (drift(table([share]), there, {"/nfsroot"}, {}).changed == []) is holds


def test_drift() -> None:
    """Changed, missing and extra, on our folders alone."""
    printed = PRINTED.replace("10.0.0.5", "10.0.0.6").replace("/24(sync", "/24(async")
    found = drift(table([ROOT]), read_table(printed + "/other  *(rw)\n"), {"/nfsroot"}, {})

    assert found.changed == ["/nfsroot 10.0.0.0/24"]
    assert found.missing == ["/nfsroot 10.0.0.5"]
    assert found.extra == ["/nfsroot 10.0.0.6"]


HOSTS = {
    "node": ("10.0.0.5",),
    "one": ("10.4.0.1",),
    "same": ("10.4.0.1",),
    "wide": ("10.0.0.5", "10.3.0.5", "fd00::5"),
}


def test_hosts_by_their_addresses() -> None:
    """Each once; a node's line wins over its name, and no other address of a name is lost."""
    share = ROOT._replace(clients=("10.0.0.0/24", "node", "one", "same", "strange", "wide"))
    nodes = {("/nfsroot", one): (*OPTIONS[:3], "no_root_squash") for one in ROOT.trusted}
    others = ("10.0.0.0/24", "10.3.0.5", "10.4.0.1", "fd00::5", "strange")

    found = by_address(table([share]), HOSTS)
    assert found == {**{("/nfsroot", one): OPTIONS for one in others}, **nodes}


def test_hosts_that_somebody_else_names() -> None:
    """Exportfs prints the name that it read first, whoever wrote it; others' are not ours."""
    share = ROOT._replace(clients=("10.3.0.5", "10.4.0.1", "10.4.0.2"), trusted=())
    lines = PRINTED.splitlines()[0]
    printed = "\n".join(lines.replace("10.0.0.0/24", one) for one in ("wide", "one", "node"))
    found = drift(table([share]), read_table(printed), {"/nfsroot"}, HOSTS)

    assert found.correct == ["/nfsroot 10.3.0.5", "/nfsroot 10.4.0.1"]
    assert found.missing == ["/nfsroot 10.4.0.2"]
    assert found.extra == ["/nfsroot node"]


def test_names_have_a_minute_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where DNS does not answer; an address of one link alone is none to export to."""
    now = 100.0

    class Slow(Machine):
        """A machine whose DNS takes 25 s."""

        def run(self, command: list[str], timeout: float = 600.0) -> Result:
            """Answer late, or not any more."""
            nonlocal now
            now += min(25.0, timeout)
            said = "10.0.0.7  STREAM x\n10.0.0.7  DGRAM\nfe80::1%eth0  STREAM\n"
            return Result(0, said, "") if timeout > 25.0 else Result(124, "", "no end")

    monkeypatch.setattr("time.monotonic", lambda: now)
    found = resolve(Slow(str(tmp_path)), ["d", "c", "b", "a", "e"])

    assert found == {"a": ("10.0.0.7",), "b": ("10.0.0.7",)}
    assert now == 160.0


def test_options_that_exportfs_does_not_print() -> None:
    """They hold where the other of the pair is not printed."""
    share = ROOT._replace(options=("rw", "sync", "subtree_check", "root_squash"), trusted=())
    printed = PRINTED.splitlines()[0]
    checked = printed.replace("no_subtree_check,", "")

    assert drift(table([share]), read_table(checked), {"/nfsroot"}, {}).changed == []
    assert drift(table([share]), read_table(printed), {"/nfsroot"}, {}).changed != []


def test_folders_of_others_lines() -> None:
    """As exports(5) has quotes, octal signs and comments."""
    assert folders_of("/a b(rw)") == "/a"
    assert folders_of('"/a b" *(rw)') == "/a b"
    assert folders_of("/a\\040b *") == "/a b"
    assert folders_of("  # /a *") == ""
    assert folders_of("/a/ *") == "/a"


def test_others_lines_are_kept_aside_and_given_back(tmp_path: Path) -> None:
    """A continued line as a whole; what else the file holds stays."""
    machine = Machine(str(tmp_path))
    text = "# mine\n/nfsroot 10.0.0.1(rw) \\\n  10.0.0.2(ro)\n/else *(ro)\n"
    machine.write("/etc/exports", text)
    exports = Exports(machine, "nfs-server")

    exports._take_over({"/nfsroot"}, ["/etc/exports"])
    taken = machine.read("/etc/exports")
    assert taken is not None
    assert [line for line in taken.splitlines() if not line.startswith("#")] == ["/else *(ro)"]
    assert exports._give_back("/etc/exports")
    assert machine.read("/etc/exports") == text
