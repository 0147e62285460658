"""Settings in the words of each age of nfs-utils."""

from __future__ import annotations

from pathlib import Path

import pytest

from labcharm.machine import CommandError, Machine, Result
from nfs_server.server.service import (
    GIVEN,
    OLD,
    VERSIONS,
    Server,
    ServerError,
    Settings,
    conf_of,
    old_of,
    read_versions,
    restored,
)

DEBIANS = (
    '# Number of servers\nRPCNFSDCOUNT=8\n\nRPCNFSDPRIORITY=0\nRPCMOUNTDOPTS="--manage-gids"\n'
)


def test_conf() -> None:
    """nfs.conf(5); nothing where nothing is asked for."""
    assert conf_of(Settings(0, ())) == ""
    assert conf_of(Settings(16, ())) == "[nfsd]\nthreads=16\n"
    assert conf_of(Settings(0, ("4.1", "4.2"))).splitlines() == [
        "[nfsd]", "vers4=y", "vers3=n", "vers4.0=n", "vers4.1=y", "vers4.2=y",
    ]  # fmt: skip
    assert "vers4=n" in conf_of(Settings(0, ("3",)))


def test_old() -> None:
    """Variables that 18.04 and 20.04 hand to rpc.nfsd; the lines before come back."""
    wanted = Settings(16, ("4.0", "4.1", "4.2"))
    text = old_of(DEBIANS, wanted)
    plain = [line for line in text.splitlines() if not line.startswith("#")]

    assert [line.split(" #")[0] for line in plain if line] == [
        "RPCNFSDPRIORITY=0", 'RPCMOUNTDOPTS="--manage-gids"', "RPCNFSDCOUNT=16",
        'RPCNFSDOPTS="-N 3"',
    ]  # fmt: skip
    assert old_of(text, wanted) == text
    assert restored(text) == DEBIANS
    assert old_of(text, Settings(0, ())) == DEBIANS


@pytest.mark.parametrize(
    ("versions", "given"),
    [(("3",), "-N 4"), (("3", "4.0"), "-N 4.1 -N 4.2"), (("4.0", "4.2"), "-N 3 -N 4.1"),
     (VERSIONS, "")],
)  # fmt: skip
def test_old_versions(versions: tuple[str, ...], given: str) -> None:
    """All of 4 goes by one word; `-N 4.0` is never said."""
    assert f'RPCNFSDOPTS="{given}" ' in old_of("", Settings(0, versions))


@pytest.mark.parametrize(
    ("text", "known", "served"),
    [
        ("-2 +3 +4 +4.1 +4.2\n", "3 4.0 4.1 4.2", "3 4.0 4.1 4.2"),
        ("-2 -3 +4 -4.0 +4.1 +4.2\n", "3 4.0 4.1 4.2", "4.1 4.2"),
        ("+3 -4 -4.1 -4.2\n", "3 4.0 4.1 4.2", "3"),
        ("+2 +3 +4 +4.1\n", "3 4.0 4.1", "3 4.0 4.1"),
        ("", "", ""),
    ],
)
def test_versions_that_the_kernel_tells(text: str, known: str, served: str) -> None:
    """4.0 is told only where it is off."""
    assert read_versions(text) == (set(known.split()), set(served.split()))


class Serving(Machine):
    """A machine whose server takes its files as it restarts, and counts what it is told."""

    def __init__(self, root: str, version: str = "1:2.6.2-4") -> None:
        super().__init__(root)
        self.version, self.told, self.fails = version, list[str](), ""
        self.write("/proc/fs/nfsd/threads", "8\n")
        self.write("/proc/fs/nfsd/versions", "-2 +3 +4 +4.1 +4.2\n")

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Answer as such a machine does."""
        name = " ".join(command[:2])
        if command[0] == "dpkg-query":
            return Result(0, f"nfs-kernel-server installed {self.version}\n", "")
        self.told.append(name)
        if self.fails in command:
            return Result(1, "", "no")
        conf = self.read("/etc/nfs.conf.d/nfs-server.conf") or ""
        old = self.read(OLD) or ""
        if command[0] == "rpc.nfsd":
            self.threads(command[1] if len(command) > 1 else "8")
        elif "nfs-server.service" in command:
            off = [one for one in VERSIONS if f"vers{one}=n" in conf or f"-N {one}" in old]
            told = [f"-{one}" if one in off else f"+{one}" for one in (*VERSIONS, "4")]
            self.write("/proc/fs/nfsd/versions", " ".join(one for one in told if one != "+4.0"))
            count = conf.partition("threads=")[2].split() or ["8"]
            self.threads(count[0])
        return Result(0, "", "")

    def threads(self, count: str) -> None:
        """Have so many."""
        self.write("/proc/fs/nfsd/threads", count + "\n")


def test_settings_reach_the_kernel_once(tmp_path: Path) -> None:
    """Versions by a restart, threads without one; then there is nothing to do."""
    machine = Serving(str(tmp_path))
    server = Server(machine, "nfs-server")
    for settings, told in (
        (Settings(0, ()), []),
        (Settings(11, ()), ["rpc.nfsd 11"]),
        (Settings(11, ("3", "4.0", "4.1")), ["systemctl restart"]),
        (Settings(12, ("3", "4.0", "4.1")), ["rpc.nfsd 12"]),
        (Settings(0, ("3", "4.0", "4.1")), ["rpc.nfsd"]),
        (Settings(0, ()), ["systemctl restart"]),
    ):
        machine.told.clear()
        assert server.configure(settings) is bool(told)
        assert machine.told == told
        assert not server.configure(settings)
        assert machine.told == told
    assert not machine.exists(GIVEN)


@pytest.mark.parametrize(
    ("settings", "program"),
    [
        (Settings(11, ()), "rpc.nfsd"),
        (Settings(0, ("4.2",)), "systemctl"),
        (Settings(0, ()), "rpc.nfsd"),
    ],
)
def test_a_hook_that_is_cut_off_after_the_file(
    tmp_path: Path, settings: Settings, program: str
) -> None:
    """The next one tells the kernel, whose word counts; a server that does not start is told."""
    machine = Serving(str(tmp_path))
    server = Server(machine, "nfs-server")
    server.configure(Settings(9, ()))
    machine.fails = program
    for _ in range(2):
        with pytest.raises(CommandError):
            server.configure(settings)
    machine.fails = ""
    assert server.configure(settings)
    assert (machine.read("/proc/fs/nfsd/threads") or "").strip() == str(settings.threads or 8)
    _, served = read_versions(machine.read("/proc/fs/nfsd/versions") or "")
    assert served == set(settings.versions or VERSIONS)
    assert not server.configure(settings)


def test_a_server_that_does_not_follow(tmp_path: Path) -> None:
    """It is restarted once, and clients wait no second time; the mend makes an end of it."""
    Serving(str(tmp_path))  # whose files stay

    class Deaf(Serving):
        """One that a later file tells otherwise."""

        def write(self, path: str, text: str, mode: int = 0o644) -> bool:
            """Keep what the kernel has."""
            return not path.endswith("/versions") and super().write(path, text, mode)

    deaf = Deaf(str(tmp_path))
    server = Server(deaf, "nfs-server")
    for threads in (0, 0, 9):
        with pytest.raises(ServerError) as raised:
            server.configure(Settings(threads, ("4.1", "4.2")))
    assert str(raised.value) == (
        "nfs-versions is 4.1 4.2, and the server does not follow in 3 4.0; another file of"
        " /etc/nfs.conf.d, or the kernel, says otherwise"
    )
    assert deaf.told == ["systemctl restart"]
    assert server.configure(Settings(0, ("3", "4.0", "4.1", "4.2")))


def test_what_nfs_utils_of_2018_cannot(tmp_path: Path) -> None:
    """4.0 off while others of 4 stay: told before anything is written."""
    machine = Serving(str(tmp_path), "1:1.3.4-2.1ubuntu5.5")
    machine.write(OLD, DEBIANS)
    server = Server(machine, "nfs-server")
    with pytest.raises(ServerError, match=r"is 4.1 4.2, and .* cannot leave 4.0 out; add it"):
        server.configure(Settings(0, ("4.1", "4.2")))
    assert machine.read(OLD) == DEBIANS
    assert machine.told == []
    machine.write(OLD, DEBIANS.replace("=8", "=6"))
    server.configure(Settings(11, ()))
    server.configure(Settings(0, ()))
    assert machine.told == ["rpc.nfsd 11", "rpc.nfsd 6"]


def test_unprivileged_container(tmp_path: Path) -> None:
    """Told before anything is tried."""
    machine = Machine(str(tmp_path))
    machine.write("/proc/self/uid_map", "         0     100000      65536\n")

    with pytest.raises(ServerError, match="unprivileged container"):
        Server(machine, "nfs-server").check_kernel()


class Without(Machine):
    """A machine whose kernel has no NFS server, and answers what it is."""

    def __init__(self, root: str, container: str) -> None:
        super().__init__(root)
        self._container = container

    def run(self, command: list[str], timeout: float = 600.0) -> Result:
        """Answer as such a machine does."""
        return {
            "modprobe": Result(1, "", "modprobe: FATAL: Module nfsd not found"),
            "systemd-detect-virt": Result(0 if self._container else 1, self._container, ""),
            "uname": Result(0, "4.15.0-kvm\n", ""),
        }[command[0]]


@pytest.mark.parametrize(
    ("container", "told"),
    [
        ("none", "kernel 4.15.0-kvm has no NFS server (modprobe: FATAL: Module nfsd not found);"
         " install linux-modules-extra-4.15.0-kvm"),
        ("lxc", "this is a container (lxc) whose host has no NFS server loaded; place the unit on"
         " a machine"),
    ],
)  # fmt: skip
def test_kernel_that_does_not_serve(tmp_path: Path, container: str, told: str) -> None:
    """A small kernel is told with its mend; in a container it is the host's."""
    machine = Without(str(tmp_path), container)
    machine.write("/proc/self/uid_map", "0 0 4294967295\n")
    machine.write("/proc/filesystems", "nodev\tsysfs\n")

    with pytest.raises(ServerError) as raised:
        Server(machine, "nfs-server").check_kernel()
    assert str(raised.value) == told


def test_kernel_that_serves(tmp_path: Path) -> None:
    """A machine whose kernel has nfsd."""
    machine = Machine(str(tmp_path))
    machine.write("/proc/self/uid_map", "0 0 4294967295\n")
    machine.write("/proc/filesystems", "nodev\tsysfs\nnodev\tnfsd\n")

    Server(machine, "nfs-server").check_kernel()
