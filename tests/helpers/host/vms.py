"""Virtual machines for what a container cannot do: an NFS server, a mount, a power cut.

They run Debian and its kernel under QEMU, without KVM. A disk is built and booted once, and the
state of that machine is stored. Each test resumes a copy of it in seconds: a bare machine, or one
with the NFS packages. The disk is journalled and written through, so that the power of a machine
can be cut and the machine booted again. The machines are air-gapped: the packages that a test
installs are in a directory on the disk, which apt reads as an archive.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import socket
import subprocess
import time
from pathlib import Path

from helpers.host.machines import Done, UnavailableError, cache_dir, run, which

PACKAGES = ("qemu-system-x86", "qemu-utils", "openssh-client", "e2fsprogs", "mmdebstrap")
_SUITE = "bookworm"
_INCLUDE = (
    "systemd,systemd-sysv,dbus,iproute2,netbase,procps,kmod,udev,python3,ca-certificates,"
    "openssh-server,linux-image-cloud-amd64,initramfs-tools,e2fsprogs,strace,docker.io,iptables,"
    "busybox-static"
)
# Downloaded into the disk's archive, not installed.
_ARCHIVE = "nfs-kernel-server"
_DOWNLOAD = (
    f'chroot "$1" apt-get install -qy --download-only --no-install-recommends {_ARCHIVE}'
    ' && mkdir "$1/repo" && mv "$1"/var/cache/apt/archives/*.deb "$1/repo/"'
)
_NETWORK = "[Match]\nMACAddress=52:54:00:12:34:56\n[Network]\nDHCP=ipv4\n"
_MACHINE = (
    "qemu-system-x86_64", "-machine", "pc-q35-7.2", "-accel", "tcg,thread=multi,tb-size=256",
    "-cpu", "max", "-smp", "2", "-m", "1536", "-display", "none", "-nodefaults",
    # A kubelet of 1.20 needs cgroups of version 1.
    "-append", "root=/dev/vda rw console=ttyS0 quiet mitigations=off apparmor=0"
    " systemd.unified_cgroup_hierarchy=0",
    "-device", "virtio-rng-pci",
)  # fmt: skip
_LABEL = "ready"
# Disks with a stored state: the bare base, and one with the NFS packages and the server disabled.
BARE, WITH_NFS = "disk", "disk-nfs"
_NFS = (
    f"apt-get -q update; apt-get install -qy --no-install-recommends {_ARCHIVE};"
    "systemctl disable --now nfs-server"
)
# The second network card, whatever its name is.
_CARD = "$(basename $(ls -d /sys/class/net/en* | sort | sed -n 2p))"


def why_not() -> str:
    """Return why virtual machines cannot run on this host; empty when they can."""
    if os.geteuid() != 0:
        return "needs root to build a virtual machine's disk"
    needed = ("qemu-system-x86_64", "qemu-img", "ssh", "mke2fs", "mmdebstrap", "setpriv")
    missing = [name for name in needed if not which(name)]
    if missing:
        return f"needs {', '.join(missing)} (packages {', '.join(PACKAGES)})"
    return ""


def stored() -> Path:
    """Return the directory with the stored machines; build it when it is not cached.

    Raises:
        UnavailableError: When it cannot be built.
    """
    reason = why_not()
    if reason:
        raise UnavailableError(reason)
    version = subprocess.run(["qemu-img", "--version"], capture_output=True, text=True).stdout
    recipe = "\n".join((_SUITE, _INCLUDE, _DOWNLOAD, _NETWORK, _NFS, *_MACHINE, version, "4"))
    folder = cache_dir() / f"vm-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        _build(part)
    except (UnavailableError, subprocess.SubprocessError, OSError, TimeoutError) as error:
        raise UnavailableError(f"a virtual machine cannot be built: {error}") from error
    part.rename(folder)
    return folder


def _build(part: Path) -> None:
    root = part / "root"
    isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    run(
        [*isolated, "mmdebstrap", "--variant=apt", f"--include={_INCLUDE}",
         f"--customize-hook={_DOWNLOAD}", _SUITE, str(root)]
    )  # fmt: skip
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(part / "key")])
    _prepare(root, (part / "key.pub").read_text(encoding="utf-8"))
    for name, link in (("vmlinuz", "vmlinuz*"), ("initrd.img", "initrd.img-*")):
        shutil.copy(sorted((root / "boot").glob(link))[-1], part / name)
    raw = part / "disk.ext4"
    run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", "root", "-d", str(root), str(raw), "2G"])
    run(["rm", "-rf", "--one-file-system", str(root)])
    run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(raw), f"{part}/{BARE}"])
    raw.unlink()
    machine = Vm("store", part, part / BARE)
    machine.start(resume=False)
    machine.wait(240)
    machine.run("systemctl", "is-system-running", "--wait", timeout=240)
    _store(machine)
    run(["cp", "--sparse=always", f"{part}/{BARE}", f"{part}/{WITH_NFS}"])
    machine = Vm("store-nfs", part, part / WITH_NFS)
    machine.start(resume=True)
    machine.wait(60)
    machine.sh(_NFS, timeout=600)
    _store(machine)


def _store(machine: Vm) -> None:
    """Store the state of a machine on its disk, and stop the machine."""
    machine.sh("sync; echo 3 > /proc/sys/vm/drop_caches")
    machine.monitor(f"savevm {_LABEL}")
    machine.monitor("quit")
    machine.stop()


def _prepare(root: Path, key: str) -> None:
    files = {
        "root/.ssh/authorized_keys": key,
        "etc/systemd/network/10-n0.network": _NETWORK,
        "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
        "etc/hostname": "lab\n",
        "etc/apt/sources.list": "deb [trusted=yes] file:/repo ./\n",
        "repo/Packages": _index(root / "repo"),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    run(["chroot", str(root), "systemctl", "enable", "systemd-networkd", "ssh"])
    run(["chroot", str(root), "systemctl", "disable", "docker.service", "docker.socket",
         "containerd.service"])  # fmt: skip
    run(["chroot", str(root), "systemctl", "mask", "systemd-networkd-wait-online.service"])


def _index(folder: Path) -> str:
    """Return the package index of an archive, for apt."""
    entries = []
    for path in sorted(folder.glob("*.deb")):
        done = subprocess.run(["dpkg-deb", "-f", str(path)], capture_output=True, text=True)
        package = path.read_bytes()
        digest = hashlib.sha256(package).hexdigest()
        where = f"Filename: ./{path.name}\nSize: {len(package)}\nSHA256: {digest}\n"
        entries.append(f"{done.stdout.rstrip()}\n{where}")
    return "\n".join(entries)


class Vm:
    """One virtual machine.

    Args:
        name: The name of the machine.
        store: The directory that `stored` returns.
        disk: The disk of the machine.
        wire: Two UDP ports of loopback, this machine's and another machine's. They connect the
            second network cards of the two machines. (0, 0) connects nothing.
    """

    def __init__(self, name: str, store: Path, disk: Path, wire: tuple[int, int] = (0, 0)) -> None:
        self.name = name
        self._store, self._disk, self._wire = store, disk, wire
        self._folder = disk.parent / f"{name}.d"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._tunnels: list[subprocess.Popen[bytes]] = []

    @classmethod
    def resumed(
        cls, name: str, store: Path, folder: Path, wire: tuple[int, int], kind: str = BARE
    ) -> Vm:
        """Return a new machine that resumes the stored state of a kind."""
        folder.mkdir(parents=True, exist_ok=True)
        disk = folder / f"{name}.qcow2"
        run(["cp", "--sparse=always", str(store / kind), str(disk)])
        machine = cls(name, store, disk, wire)
        machine.start(resume=True)
        machine.wait(60)
        card = "52:54:00:00:01:%02x" % (wire[0] % 256)
        machine.sh(
            f"date -s @{int(time.time())} > /dev/null;"
            f"hostname {name}; echo {name} > /etc/hostname; ip link set {_CARD} address {card}"
        )
        return machine

    def start(self, resume: bool) -> None:
        """Start the machine: resume the stored state, or boot."""
        local, remote = self._wire
        joined = f"udp=127.0.0.1:{remote or 9},localaddr=127.0.0.1:{local or free_port()}"
        # QEMU is killed with the thread that starts it, however that thread ends.
        command = [
            "setpriv", "--pdeathsig", "KILL", *_MACHINE,
            "-kernel", f"{self._store}/vmlinuz", "-initrd", f"{self._store}/initrd.img",
            "-drive", f"file={self._disk},format=qcow2,if=virtio,cache=writethrough",
            "-netdev", f"user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:{self._port}-:22",
            "-device", "virtio-net-pci,netdev=n0,romfile=,mac=52:54:00:12:34:56",
            "-netdev", f"socket,id=n1,{joined}",
            "-device", "virtio-net-pci,netdev=n1,romfile=,mac=52:54:00:00:00:01",
            "-serial", f"file:{self._folder}/console.log",
            "-monitor", f"unix:{self._folder}/monitor,server=on,wait=off",
            *(["-loadvm", _LABEL] if resume else []),
        ]  # fmt: skip
        with (self._folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self, seconds: float) -> None:
        """Wait until the machine answers.

        Raises:
            UnavailableError: When it does not answer in time.
        """
        end = time.monotonic() + seconds
        while self.run("true", timeout=30).code:
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > end:
                log = (self._folder / "qemu.log").read_text(errors="replace")[-300:]
                raise UnavailableError(f"{self.name} does not answer: {log}")
            time.sleep(0.3)

    def monitor(self, command: str) -> str:
        """Send a command to QEMU's monitor and return the reply."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(240)
            link.connect(str(self._folder / "monitor"))
            greeting = _read_to_prompt(link)
            link.sendall(command.encode() + b"\n")
            return greeting + _read_to_prompt(link)

    def _ssh(self, *options: str) -> list[str]:
        """Return the ssh command line; of two equal settings ssh uses the first."""
        return [
            "ssh", "-q", *options, "-i", str(self._store / "key"), "-p", str(self._port),
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "ControlMaster=auto", "-o", f"ControlPath={self._folder}/c",
            "-o", "ControlPersist=60", "-o", "ConnectTimeout=10", "root@127.0.0.1",
        ]  # fmt: skip

    def run(self, *command: str, timeout: float = 600, stdin: bytes = b"") -> Done:
        """Run a command on the machine; a failing command raises nothing."""
        try:
            done = subprocess.run(
                [*self._ssh(), shlex.join(["env", "LC_ALL=C", *command])],
                input=stdin,
                capture_output=True,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired:
            return Done(124, "", f"no end after {timeout} s")
        out = done.stdout.decode(errors="replace")
        return Done(done.returncode, out, done.stderr.decode(errors="replace"))

    def check(self, *command: str, timeout: float = 600) -> str:
        """Run a command on the machine and return its output; a failing command fails the test."""
        done = self.run(*command, timeout=timeout)
        assert done.code == 0, f"{' '.join(command)}: {done.err or done.out}"
        return done.out

    def sh(self, script: str, timeout: float = 600) -> str:
        """Run a shell script on the machine."""
        return self.check("sh", "-ec", script, timeout=timeout)

    def bring(self, path: Path, to: str) -> None:
        """Copy a file or a directory to a path of the machine."""
        above, name = path.parent, path.name
        packed = subprocess.run(
            ["tar", "-C", str(above), "--exclude=__pycache__", "-cf", "-", name],
            capture_output=True,
            check=True,
        ).stdout
        script = f'mkdir -p "$(dirname {to})"; cd "$(dirname {to})"; tar -xf -; '
        script += f'[ {name} = "$(basename {to})" ] || mv -T {name} {to}'
        done = self.run("sh", "-ec", script, stdin=packed)
        assert done.code == 0, done.err

    def write(self, path: str, text: str) -> None:
        """Write a file of the machine."""
        script = f'mkdir -p "$(dirname {path})"; cat > {path}'
        assert self.run("sh", "-ec", script, stdin=text.encode()).code == 0

    def read(self, path: str) -> str:
        """Read a file of the machine."""
        return self.check("cat", path)

    def exists(self, path: str) -> bool:
        """Return whether a path exists on the machine."""
        return self.run("test", "-e", path).code == 0

    def address(self, text: str) -> None:
        """Set the address of the second network card, such as 10.99.0.1/24."""
        card = _CARD
        self.sh(f"card={card}; ip addr flush dev $card; ip addr add {text} dev $card; "
                "ip link set $card up")  # fmt: skip

    def reach(self, port: int) -> None:
        """Forward a port of the machine's loopback to the same port of the host's loopback."""
        # A separate connection, because the shared one ends when no command has run for a while.
        forward = f"127.0.0.1:{port}:127.0.0.1:{port}"
        command = self._ssh("-o", "ControlPath=none", "-N", "-R", forward)
        self._tunnels.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
        end = time.monotonic() + 30
        while self.run("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{port}").code:
            if time.monotonic() > end:
                raise UnavailableError(f"{self.name} does not reach port {port}")
            time.sleep(0.3)

    def cut(self) -> None:
        """Cut the power: what the machine has not written to the disk is lost."""
        assert self._process
        self._process.kill()
        self._process.wait()
        self.stop()

    def boot(self) -> None:
        """Boot the machine again from its disk."""
        self.start(resume=False)
        self.wait(240)

    def stop(self) -> None:
        """Stop the machine at once."""
        for tunnel in self._tunnels:
            tunnel.kill()
            tunnel.wait()
        self._tunnels = []
        subprocess.run(self._ssh("-O", "exit"), capture_output=True)
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


def _read_to_prompt(link: socket.socket) -> str:
    received = b""
    while not received.endswith(b"(qemu) "):
        part = link.recv(65536)
        if not part:
            break
        received += part
    return received.decode(errors="replace")


def free_port() -> int:
    """Return a free port of loopback."""
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return int(link.getsockname()[1])
