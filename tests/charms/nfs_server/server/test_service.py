"""The NFS server of a machine: its settings reach the kernel, and what it cannot do is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from labcharm.errors import BlockedError
from labcharm.machine import CommandError, CommandResult, Machine
from nfs_server.server.service import DEFAULTS_FILE, LAST_SETTINGS, NfsService
from nfs_server.server.settings import VERSIONS, Settings, parse_versions

DEBIAN_DEFAULTS = "# Number of servers\nRPCNFSDCOUNT=8\n"


class ServingMachine(Machine):
    """A machine whose server reads its files when it restarts; it records the commands."""

    def __init__(self, root: str, version: str = "1:2.6.2-4") -> None:
        super().__init__(root)
        self.version, self.commands, self.failing_program = version, list[str](), ""
        self.write("/proc/fs/nfsd/threads", "8\n")
        self.write("/proc/fs/nfsd/versions", "-2 +3 +4 +4.1 +4.2\n")

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Answer as such a machine does."""
        if command[0] == "dpkg-query":
            return CommandResult(0, f"nfs-kernel-server installed {self.version}\n", "")
        self.commands.append(" ".join(command[:2]))
        if self.failing_program in command:
            return CommandResult(1, "", "no")
        if command[0] == "rpc.nfsd":
            self.set_threads(command[1] if len(command) > 1 else "8")
        elif "nfs-server.service" in command:
            self.restart()
        return CommandResult(0, "", "")

    def restart(self) -> None:
        """Take versions and threads from the files."""
        conf = self.read("/etc/nfs.conf.d/nfs-server.conf") or ""
        defaults = self.read(DEFAULTS_FILE) or ""
        report = [
            f"-{name}" if f"vers{name}=n" in conf or f"-N {name}" in defaults else f"+{name}"
            for name in (*VERSIONS, "4")
        ]
        self.write("/proc/fs/nfsd/versions", " ".join(word for word in report if word != "+4.0"))
        self.set_threads((conf.partition("threads=")[2].split() or ["8"])[0])

    def set_threads(self, count: str) -> None:
        """Run this number of threads."""
        self.write("/proc/fs/nfsd/threads", f"{count}\n")


def test_settings_reach_the_kernel_once(tmp_path: Path) -> None:
    """Versions by a restart, threads without one; a second run does nothing."""
    machine = ServingMachine(str(tmp_path))
    service = NfsService(machine, "nfs-server")
    for settings, commands in (
        (Settings(0, ()), []),
        (Settings(11, ()), ["rpc.nfsd 11"]),
        (Settings(11, ("3", "4.0", "4.1")), ["systemctl restart"]),
        (Settings(12, ("3", "4.0", "4.1")), ["rpc.nfsd 12"]),
        (Settings(0, ("3", "4.0", "4.1")), ["rpc.nfsd"]),
        (Settings(0, ()), ["systemctl restart"]),
    ):
        machine.commands.clear()
        assert service.configure(settings) is bool(commands)
        assert machine.commands == commands
        assert not service.configure(settings)
        assert machine.commands == commands
    assert not machine.exists(LAST_SETTINGS)


@pytest.mark.parametrize(
    ("settings", "program"),
    [
        (Settings(11, ()), "rpc.nfsd"),
        (Settings(0, ("4.2",)), "systemctl"),
        (Settings(0, ()), "rpc.nfsd"),
    ],
)
def test_hook_after_an_interrupted_one_sets_the_kernel(
    tmp_path: Path, settings: Settings, program: str
) -> None:
    """The kernel's report counts, not the file; a server that does not start is reported."""
    machine = ServingMachine(str(tmp_path))
    service = NfsService(machine, "nfs-server")
    service.configure(Settings(9, ()))
    machine.failing_program = program
    for _ in range(2):
        with pytest.raises(CommandError):
            service.configure(settings)
    machine.failing_program = ""
    assert service.configure(settings)
    assert (machine.read("/proc/fs/nfsd/threads") or "").strip() == str(settings.threads or 8)
    _, served = parse_versions(machine.read("/proc/fs/nfsd/versions") or "")
    assert served == set(settings.versions or VERSIONS)
    assert not service.configure(settings)


class OverruledMachine(ServingMachine):
    """A machine where a later file overrules the versions."""

    def write(self, path: str, text: str, mode: int = 0o644) -> bool:
        """Keep the versions of the kernel."""
        return not path.endswith("/versions") and super().write(path, text, mode)


def test_server_that_does_not_follow_is_restarted_once(tmp_path: Path) -> None:
    """Clients do not wait a second time, until the option changes."""
    ServingMachine(str(tmp_path))  # whose files stay
    machine = OverruledMachine(str(tmp_path))
    service = NfsService(machine, "nfs-server")
    for threads in (0, 0, 9):
        with pytest.raises(BlockedError) as raised:
            service.configure(Settings(threads, ("4.1", "4.2")))
    assert str(raised.value) == (
        "the server does not follow nfs-versions for 3 4.0; check /etc/nfs.conf.d and the kernel"
    )
    assert machine.commands == ["systemctl restart"]
    assert service.configure(Settings(0, ("3", "4.0", "4.1", "4.2")))


def test_nfs_utils_of_18_04_cannot_leave_out_4_0_alone(tmp_path: Path) -> None:
    """It is refused before anything is written."""
    machine = ServingMachine(str(tmp_path), "1:1.3.4-2.1ubuntu5.5")
    machine.write(DEFAULTS_FILE, DEBIAN_DEFAULTS)
    service = NfsService(machine, "nfs-server")
    with pytest.raises(BlockedError, match=r"is 4.1 4.2, but .* cannot leave 4.0 out; add 4.0"):
        service.configure(Settings(0, ("4.1", "4.2")))
    assert machine.read(DEFAULTS_FILE) == DEBIAN_DEFAULTS
    assert machine.commands == []


def test_threads_of_18_04_are_restored_from_its_file(tmp_path: Path) -> None:
    """The number in the file is the machine's own."""
    machine = ServingMachine(str(tmp_path), "1:1.3.4-2.1ubuntu5.5")
    machine.write(DEFAULTS_FILE, DEBIAN_DEFAULTS.replace("=8", "=6"))
    service = NfsService(machine, "nfs-server")
    service.configure(Settings(11, ()))
    service.configure(Settings(0, ()))
    assert machine.commands == ["rpc.nfsd 11", "rpc.nfsd 6"]


def test_unprivileged_container_is_refused(tmp_path: Path) -> None:
    """Before anything else is tried."""
    machine = Machine(str(tmp_path))
    machine.write("/proc/self/uid_map", "         0     100000      65536\n")

    with pytest.raises(BlockedError, match="unprivileged container"):
        NfsService(machine, "nfs-server").check_kernel()


class MachineWithoutNfsd(Machine):
    """A machine whose kernel has no NFS server."""

    def __init__(self, root: str, container: str) -> None:
        super().__init__(root)
        self._container = container

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Answer as such a machine does."""
        return {
            "modprobe": CommandResult(1, "", "modprobe: FATAL: Module nfsd not found"),
            "systemd-detect-virt": CommandResult(0 if self._container else 1, self._container, ""),
            "uname": CommandResult(0, "4.15.0-kvm\n", ""),
        }[command[0]]


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ("none", "kernel 4.15.0-kvm has no NFS server; install linux-modules-extra-4.15.0-kvm:"
         " modprobe: FATAL: Module nfsd not found"),
        ("lxc", "this is a container (lxc) whose host has not loaded the NFS server; place the"
         " unit on a machine"),
    ],
)  # fmt: skip
def test_kernel_without_nfs_server_is_refused(
    tmp_path: Path, container: str, message: str
) -> None:
    """A small kernel with the package to install; in a container the host is the cause."""
    machine = MachineWithoutNfsd(str(tmp_path), container)
    machine.write("/proc/self/uid_map", "0 0 4294967295\n")
    machine.write("/proc/filesystems", "nodev\tsysfs\n")

    with pytest.raises(BlockedError) as raised:
        NfsService(machine, "nfs-server").check_kernel()
    assert str(raised.value) == message


def test_kernel_with_nfs_server_is_accepted(tmp_path: Path) -> None:
    """No module is loaded then."""
    machine = Machine(str(tmp_path))
    machine.write("/proc/self/uid_map", "0 0 4294967295\n")
    machine.write("/proc/filesystems", "nodev\tsysfs\nnodev\tnfsd\n")

    NfsService(machine, "nfs-server").check_kernel()


@pytest.mark.parametrize("is_active", [True, False])
def test_server_is_started_only_when_it_does_not_run(tmp_path: Path, is_active: bool) -> None:
    """And is enabled for the next boot."""
    machine = FakeMachine(tmp_path)
    machine.answers["systemctl is-active"] = CommandResult(0 if is_active else 3, "", "")
    service = NfsService(machine, "nfs-server")

    assert service.is_active() is is_active
    assert service.start() is (not is_active)
    question = ["systemctl", "is-active", "--quiet", "nfs-server.service"]
    start = ["systemctl", "enable", "--now", "nfs-server.service"]
    assert machine.commands == [question, question, *([] if is_active else [start])]


@pytest.mark.parametrize(
    ("last", "is_restarted"),
    [({"threads": 0, "versions": ["4.2"]}, False), ({"threads": 0, "versions": ["3"]}, True)],
)
def test_without_a_report_of_the_kernel_the_last_settings_decide(
    tmp_path: Path, last: dict[str, object], is_restarted: bool
) -> None:
    """A hook may have ended between the file and the restart."""
    machine = ServingMachine(str(tmp_path))
    service = NfsService(machine, "nfs-server")
    settings = Settings(0, ("4.2",))
    service.configure(settings)
    machine.commands.clear()
    machine.remove("/proc/fs/nfsd/versions")
    machine.write(LAST_SETTINGS, json.dumps(last))

    assert service.configure(settings) is is_restarted
    assert (machine.commands != []) is is_restarted


def test_record_of_an_older_version_of_the_charm_is_tried_again(tmp_path: Path) -> None:
    """It does not say whether the server refused the versions."""
    machine = ServingMachine(str(tmp_path))
    machine.write(LAST_SETTINGS, '{"versions": ["3"]}')

    assert NfsService(machine, "nfs-server").configure(Settings(0, ("3",)))
    assert machine.commands == ["systemctl restart"]


def test_settings_of_18_04_are_in_the_file_of_variables(tmp_path: Path) -> None:
    """They are restored with one restart."""
    machine = ServingMachine(str(tmp_path), "1:1.3.4-2.1ubuntu5")
    machine.write(DEFAULTS_FILE, DEBIAN_DEFAULTS)
    service = NfsService(machine, "nfs-server")
    assert service.configure(Settings(11, ("4.0", "4.1", "4.2")))

    text = machine.read(DEFAULTS_FILE) or ""
    assert text.startswith("# Number of servers\n")
    assert "11" in text
    assert "-N 3" in text
    machine.commands.clear()
    assert service.remove_settings()
    assert machine.read(DEFAULTS_FILE) == DEBIAN_DEFAULTS
    assert machine.commands == ["systemctl restart"]
    assert not service.remove_settings()
