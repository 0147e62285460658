"""The exports of an application: the commands that are run, and the files that are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from labcharm.errors import BlockedError
from labcharm.machine import CommandResult
from labkube.apply.objects import Comparison
from nfs_server.errors import ForeignExportsError
from nfs_server.server.exports import Exports
from nfs_server.server.shares import Share

FILE = "/etc/exports.d/shared.exports"
TRIAL = "/var/lib/nfs-server-charm/exports.trial"
# exportfs judges the text in a mount namespace of its own.
SCRIPT = """\
set -e
mount -t tmpfs tmpfs /var/lib/nfs
text=$(cat {trial}; echo .)
mkdir -p /etc/exports.d
mount -t tmpfs tmpfs /etc/exports.d
[ ! -e /etc/exports ] || mount --bind /dev/null /etc/exports
printf '%s' "${{text%.}}" > /etc/exports.d/trial.exports
exec exportfs -ra
"""


class Kernel:
    """exportfs on a machine without files of others: the table follows the application's file.

    Args:
        machine: The machine.

    Attributes:
        trial: What the trial answers.
        tried: The text of the last trial.
        follows: Whether the table follows the file.
    """

    def __init__(self, machine: FakeMachine) -> None:
        self._machine = machine
        self.trial = CommandResult(0, "", "")
        self.tried = ""
        self.follows = True
        self.answer = CommandResult(0, "", "")
        self.table = ""
        machine.answers.update(
            {
                "exportfs -s": lambda _: self.table,
                "exportfs -ra": self._export,
                "unshare": self._try,
            }
        )

    def _export(self, _: list[str]) -> CommandResult:
        if self.follows:
            lines = (self._machine.read(FILE) or "").splitlines()
            self.table = "".join(f"{line}\n" for line in lines if line.startswith("/"))
        return self.answer

    def _try(self, _: list[str]) -> CommandResult:
        self.tried = self._machine.read(TRIAL) or ""
        return self.trial


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    """Return an empty machine."""
    return FakeMachine(tmp_path)


@pytest.fixture
def kernel(machine: FakeMachine) -> Kernel:
    """Give the machine exportfs."""
    return Kernel(machine)


SHARES = [
    Share("root", "/srv/a", ("10.0.0.0/24",), ("rw", "root_squash"), ("10.0.0.5",)),
    Share("isos", "/srv/b", ("10.1.0.7",), ("ro",)),
]
HEADER = "# Made by the Juju application shared, which undoes changes; see its options.\n"
TEXT = HEADER + (
    "/srv/a 10.0.0.0/24(rw,root_squash)\n/srv/a 10.0.0.5(rw,no_root_squash)\n/srv/b 10.1.0.7(ro)\n"
)


def test_shares_are_tried_written_and_exported(machine: FakeMachine, kernel: Kernel) -> None:
    """A second run only reads."""
    exports = Exports(machine, "shared")

    assert exports.apply(SHARES, adopt=False) is True
    assert machine.read(FILE) == TEXT
    assert kernel.tried == TEXT
    assert not machine.exists(TRIAL)
    writing = [command for command in machine.commands if command[0] not in ("ls", "getent")]
    script = SCRIPT.format(trial=machine.path(TRIAL))
    assert writing == [
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
        ["exportfs", "-ra"],
        ["exportfs", "-s"],
    ]
    machine.commands.clear()
    assert exports.apply(SHARES, adopt=False) is False
    assert [command for command in machine.commands if command[0] != "ls"] == [["exportfs", "-s"]]
    assert exports.directories() == ["/srv/a", "/srv/b"]


def test_changed_kernel_table_is_exported_again(machine: FakeMachine, kernel: Kernel) -> None:
    """The file alone does not show what is exported."""
    exports = Exports(machine, "shared")
    exports.apply(SHARES, adopt=False)
    kernel.table = ""

    assert exports.compare(SHARES) == Comparison(
        [], [], ["/srv/a 10.0.0.0/24", "/srv/a 10.0.0.5", "/srv/b 10.1.0.7"], []
    )
    assert exports.apply(SHARES, adopt=False) is True
    assert exports.compare(SHARES).missing == []


def test_directories_of_the_file_count_as_extra(machine: FakeMachine, kernel: Kernel) -> None:
    """Those of other files do not."""
    exports = Exports(machine, "shared")
    exports.apply(SHARES, adopt=False)
    kernel.table += "/srv/foreign 10.0.0.1(rw)\n"

    assert exports.compare(SHARES[:1]) == Comparison(
        ["/srv/a 10.0.0.0/24", "/srv/a 10.0.0.5"], [], [], ["/srv/b 10.1.0.7"]
    )


@pytest.mark.parametrize(
    ("trial", "message"),
    [
        (
            CommandResult(1, "", "exportfs: /etc/exports.d/trial.exports:2: unknown keyword\n"),
            "exportfs refuses: line 2: unknown keyword",
        ),
        (CommandResult(0, "", "exportfs: a\n\nexportfs: b\n"), "exportfs refuses: a; b"),
        (CommandResult(32, "mount failed", ""), "exportfs refuses: mount failed"),
        (
            CommandResult(1, "", "exportfs: can't open /etc/exports for reading\nexportfs: a\n"),
            "exportfs refuses: a",
        ),
    ],
)
def test_refused_text_is_not_written(
    machine: FakeMachine, kernel: Kernel, trial: CommandResult, message: str
) -> None:
    """Any message is a refusal, whatever the exit code is."""
    kernel.trial = trial

    with pytest.raises(BlockedError) as raised:
        Exports(machine, "shared").apply(SHARES, adopt=False)
    assert str(raised.value) == message
    assert not machine.exists(FILE)
    assert not machine.exists(TRIAL)


def test_missing_main_file_is_no_refusal(machine: FakeMachine, kernel: Kernel) -> None:
    """Exportfs of Ubuntu 18.04 complains about it."""
    kernel.trial = CommandResult(1, "", "exportfs: can't open /etc/exports for reading\n")

    assert Exports(machine, "shared").apply(SHARES, adopt=False) is True
    assert machine.read(FILE) == TEXT


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("exportfs: no such host\n", "exportfs -ra: no such host"),
        ("", "exportfs -ra: the kernel's table differs from the file"),
    ],
)
@pytest.mark.parametrize("before", [None, f"{HEADER}/srv/old 10.0.0.1(ro)\n"])
def test_previous_file_is_restored_when_the_kernel_does_not_follow(
    machine: FakeMachine, kernel: Kernel, before: str | None, answer: str, message: str
) -> None:
    """And exported again."""
    if before is not None:
        machine.write(FILE, before)
    kernel.follows, kernel.answer = False, CommandResult(1, "", answer)

    with pytest.raises(BlockedError) as raised:
        Exports(machine, "shared").apply(SHARES, adopt=False)
    assert str(raised.value) == message
    assert machine.read(FILE) == before
    assert machine.commands[-1] == ["exportfs", "-ra"]


def test_foreign_lines_are_taken_over_on_request_and_restored(
    machine: FakeMachine, kernel: Kernel
) -> None:
    """Without adopt nothing is written."""
    foreign = "/srv/a 10.9.0.0/16(rw)\n/srv/other *(ro)\n"
    machine.write("/etc/exports", foreign)
    exports = Exports(machine, "shared")

    with pytest.raises(ForeignExportsError) as raised:
        exports.apply(SHARES, adopt=False)
    assert "/etc/exports line 1 exports /srv/a" in str(raised.value)
    assert (machine.read("/etc/exports"), machine.read(FILE)) == (foreign, None)
    assert exports.apply(SHARES, adopt=True) is True
    assert machine.read("/etc/exports") == f"#nfs-server-charm# {foreign}"
    assert exports.remove() is True
    assert (machine.read("/etc/exports"), machine.read(FILE)) == (foreign, None)
    assert machine.commands[-1] == ["exportfs", "-ra"]
    assert not machine.exists("/etc/exports.d")
    machine.commands.clear()
    assert exports.remove() is False
    assert machine.ran("exportfs") == []


def test_directory_is_withdrawn_with_what_is_below(machine: FakeMachine, kernel: Kernel) -> None:
    """A directory with a longer name stays."""
    machine.write(FILE, f"{HEADER}/srv/a x(ro)\n/srv/a/b x(ro)\n/srv/ab x(ro)\n")
    exports = Exports(machine, "shared")

    assert exports.withdraw("/srv/a") is True
    assert machine.read(FILE) == f"{HEADER}/srv/ab x(ro)\n"
    assert machine.ran("exportfs") == ["exportfs -ra"]
    assert exports.withdraw("/srv/a") is False
    assert machine.ran("exportfs") == ["exportfs -ra"]


def test_host_names_are_looked_up_once(machine: FakeMachine, kernel: Kernel) -> None:
    """The kernel's table has addresses."""
    machine.answers["getent ahosts login.lab"] = "10.0.0.9 STREAM\n"
    exports = Exports(machine, "shared")
    share = Share("isos", "/srv/b", ("login.lab",), ("ro",))

    exports.apply([share], adopt=False)
    exports.apply([share], adopt=False)
    assert machine.read(FILE) == f"{HEADER}/srv/b 10.0.0.9(ro)\n"
    assert machine.ran("getent") == ["getent ahosts login.lab"]
    assert kernel.table == "/srv/b 10.0.0.9(ro)\n"
