"""The trials of a mount, on a machine where a mount is a link."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labcharm.machine import CommandResult, Machine
from labcharm.polling import wait_until
from labcharm.verify import Check
from nfs_server.server.shares import Share
from nfs_server.verify.mount_trial import AS_NOBODY, configured_checks, loopback_checks

ROOT = Share("export-root", "/nfsroot", ("10.0.0.0/24",), ("rw", "root_squash"))
ADDRESS = "10.0.0.1"


class LinkingMachine(Machine):
    """A machine where a mount is a link to the share; commands about files are real."""

    def __init__(self, root: Path, is_writable: bool = True) -> None:
        super().__init__(str(root))
        self.commands: list[str] = []
        self.mount_error = self.export_error = ""
        self._is_writable = is_writable

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Run commands about files; record mounts and exports."""
        program = command[0]
        if program == "setpriv":
            if not self._is_writable:
                return CommandResult(1, "", "sh: file: Read-only file system")
            command = command[len(AS_NOBODY) :]
        elif program == "mount":
            return self._mount(command)
        elif program == "umount":
            Path(command[-1]).unlink() if Path(command[-1]).is_symlink() else None
            return CommandResult(0, "", "")
        elif program == "exportfs":
            self.commands.append(" ".join(command))
            failed = "-o" in command and bool(self.export_error)
            return CommandResult(int(failed), "", self.export_error if failed else "")
        return super().run(command, timeout)

    def _mount(self, command: list[str]) -> CommandResult:
        self.commands.append(command[-2])
        if self.mount_error:
            return CommandResult(32, "", self.mount_error)
        Path(command[-1]).rmdir()
        Path(command[-1]).symlink_to(self.path("/nfsroot"))
        return CommandResult(0, "", "")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a machine's root, with files of others in the share."""
    (tmp_path / "nfsroot/claim").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def machine(root: Path) -> LinkingMachine:
    """Return a machine whose share is writable."""
    return LinkingMachine(root)


def outcomes(checks: list[Check]) -> dict[str, tuple[bool, str]]:
    """Return the outcome of each check."""
    return {check.name: (check.ok, check.message) for check in checks}


def test_loopback_trial_names_its_rules_and_leaves_nothing(
    machine: LinkingMachine, root: Path
) -> None:
    """The export to loopback makes everybody nobody, and it ends."""
    rules = "rw,sync,no_subtree_check,all_squash"
    message = f"127.0.0.1:/nfsroot is mounted from this machine, by this trial's rules ({rules})"
    assert outcomes(loopback_checks(machine, ROOT, [])) == {
        "mount": (True, message),
        "write-nobody": (True, "a file was written, read and removed as nobody"),
    }
    assert machine.commands == [
        f"exportfs -o {rules} 127.0.0.1:/nfsroot", "127.0.0.1:/nfsroot", "exportfs -ra",
    ]  # fmt: skip
    assert len(list((root / "nfsroot").iterdir())) == 1


def test_loopback_export_ends_also_when_exportfs_fails(machine: LinkingMachine) -> None:
    """It fails after it has changed the kernel's table, as for a directory that is gone."""
    machine.export_error = "exportfs: Failed to stat /nfsroot: No such file or directory"

    message = "exportfs: exportfs: Failed to stat /nfsroot: No such file or directory"
    assert outcomes(loopback_checks(machine, ROOT, [])) == {"mount": (False, message)}
    assert machine.commands[-1] == "exportfs -ra"


def test_missing_export_root_is_never_exported(machine: LinkingMachine) -> None:
    """A blocked unit may have none."""
    share = ROOT._replace(path="/absent")

    assert outcomes(loopback_checks(machine, share, [])) == {
        "mount": (False, "/absent does not exist")
    }
    assert machine.commands == []


def test_writing_is_not_tried_where_the_mode_keeps_nobody_out(
    machine: LinkingMachine, root: Path
) -> None:
    """The mount itself is tried."""
    (root / "nfsroot").chmod(0o700)

    checks = outcomes(loopback_checks(machine, ROOT, []))
    assert checks["mount"][0] is True
    message = "not tried: the mode of /nfsroot keeps the user nobody out"
    assert checks["write-nobody"] == (True, message)


def run_configured(machine: Machine, root: Share) -> list[Check]:
    """Run the trial of the configured rules."""
    return configured_checks(machine, root, ADDRESS, [])


def run_loopback(machine: Machine, root: Share) -> list[Check]:
    """Run the trial of the loopback address."""
    return loopback_checks(machine, root, [])


@pytest.mark.parametrize("run", [run_loopback, run_configured])
def test_full_share_is_a_failed_check(
    machine: LinkingMachine,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[[Machine, Share], list[Check]],
) -> None:
    """After the checks that were made before."""
    mkdtemp = tempfile.mkdtemp

    def refuse(**options: Any) -> str:
        if options.get("dir"):
            raise OSError(28, "No space left on device", "/nfsroot/x")
        return mkdtemp(**options)

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    checks = outcomes(run(machine, ROOT))
    assert (False, "/nfsroot/x: No space left on device") in checks.values()
    assert [name for name, (ok, _) in checks.items() if ok] in ([], ["mount"])


def test_configured_rules_are_tried_from_the_machines_address(
    machine: LinkingMachine, root: Path
) -> None:
    """Not from loopback; a refused mount is reported in its own words."""
    message = "10.0.0.1:/nfsroot is mounted by the configured rules; the user nobody can write"
    assert outcomes(run_configured(machine, ROOT)) == {"configured": (True, message)}
    assert machine.commands == ["10.0.0.1:/nfsroot"]
    assert len(list((root / "nfsroot").iterdir())) == 1

    machine.mount_error = "mount.nfs: access denied by server"
    assert outcomes(run_configured(machine, ROOT)) == {
        "configured": (False, "10.0.0.1:/nfsroot: mount.nfs: access denied by server"),
    }


@pytest.mark.parametrize(
    ("options", "is_writable", "ok", "message"),
    [
        (("ro",), False, True, "the user nobody cannot write (ro)"),
        (("ro",), True, False, "the user nobody can write, although the share is ro"),
        (("rw",), False, False, "Read-only file system"),
    ],
)
def test_configured_rules_decide_whether_nobody_writes(
    root: Path, options: tuple[str, ...], is_writable: bool, ok: bool, message: str
) -> None:
    """Writing is tried also where it is not allowed."""
    share = ROOT._replace(options=options)
    check = outcomes(run_configured(LinkingMachine(root, is_writable), share))["configured"]
    assert check[0] is ok
    assert check[1].endswith(message)


@pytest.mark.parametrize(
    ("share", "message"),
    [
        (ROOT._replace(clients=("10.0.1.0/24",)), "not tried: this machine (10.0.0.1) is"),
        (ROOT._replace(options=("rw", "sec=krb5p")), "not tried: sec= needs Kerberos"),
    ],
)
def test_rules_that_cannot_be_tried_pass_with_the_reason(
    machine: LinkingMachine, share: Share, message: str
) -> None:
    """This machine is not a client, or would need a Kerberos ticket."""
    ((ok, reason),) = outcomes(run_configured(machine, share)).values()
    assert ok
    assert reason.startswith(message)
    assert machine.commands == []


@pytest.mark.parametrize(
    ("share", "address", "reason"),
    [
        (ROOT, None, "the binding nfs has no address yet"),
        (
            ROOT,
            "10.0.1.1",
            "this machine (10.0.1.1) is not a client; the check exports compares the rules",
        ),
        (
            ROOT._replace(options=("sec=krb5",)),
            ADDRESS,
            "sec= needs Kerberos, which this machine may not have as a client",
        ),
    ],
)
def test_configured_rules_that_exclude_the_machine_are_not_tried(
    machine: LinkingMachine, share: Share, address: str | None, reason: str
) -> None:
    checks = configured_checks(machine, share, address, [])

    assert checks == [Check("configured", True, f"not tried: {reason}")]
    assert machine.commands == []


class KillingMachine(LinkingMachine):
    """A machine on which the charm is killed as it begins to write."""

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Run commands until the first write."""
        if command[0] == "setpriv":
            os._exit(9)
        return super().run(command, timeout)


def test_killed_trial_leaves_neither_a_mount_nor_a_directory(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other processes end both: the share is not left open to any user."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "umount").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/unmounted\n')
    (programs / "umount").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    child = os.fork()
    if not child:
        configured_checks(KillingMachine(root), ROOT, ADDRESS, [])
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9

    def is_clean() -> bool:
        names = [path.name for path in (root / "nfsroot").iterdir()]
        return names == ["claim"] and (tmp_path / "unmounted").exists()

    assert wait_until(is_clean, 20, 0.1)
    assert (tmp_path / "unmounted").read_text().startswith("-l /")
