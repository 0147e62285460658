"""A real Kubernetes API for the tests: etcd and kube-apiserver on loopback.

The programs are built once from Debian bookworm's source package (which is complete, with its
vendored modules) in a root file system of its own, and kept. The build needs root and Debian's
archive; running them needs neither. There is no controller manager, scheduler or node: objects
are stored, defaulted, validated and guarded by RBAC, and nothing else happens to them. So the
aggregated roles (view, edit, admin) are empty, a deleted namespace stays `Terminating`, and no
namespace gets a service account `default`, without which pods are refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import http.client
import json
import os
import platform
import secrets
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

RELEASE = "1.20.2"
SUITE = "bookworm"
SOURCE = f"1.20.5+really{RELEASE}-1.1+deb12u1"
PROGRAMS = ("kube-apiserver", "kubectl", "etcd")
ADMIN = "admin"
POWERLESS = "powerless"
_NEEDED_GB = 8
_PACKAGES = (
    "golang-go,dpkg-dev,gcc,libc6-dev,golang-github-modern-go-reflect2-dev,"
    "golang-github-modern-go-concurrent-dev,etcd-server,rsync,make,file,jq,patch,xz-utils"
)
_TREE = "/build/kubernetes"
# The vendored reflect2 is older than Go 1.18 and crashes on maps; Debian's own package is not.
_UNPACK = f"""\
sed -i -n 'p;s/^deb /deb-src /p' /etc/apt/sources.list
apt-get -q update
mkdir -p /build /out
cd /build
apt-get -q source kubernetes={SOURCE}
mv kubernetes-*/ {_TREE}
cd {_TREE}
rm -r vendor/github.com/modern-go/reflect2
cp -rL /usr/share/gocode/src/github.com/modern-go/reflect2 vendor/github.com/modern-go/reflect2
mkdir -p .go/src/k8s.io
ln -s ../../.. .go/src/k8s.io/kubernetes
cat > /build/version <<END
KUBE_GIT_VERSION='v{RELEASE}'
KUBE_GIT_MAJOR='1'
KUBE_GIT_MINOR='{RELEASE.split(".")[1]}'
KUBE_GIT_COMMIT='{SOURCE}'
KUBE_GIT_TREE_STATE='archive'
END
cp /usr/bin/etcd /out/
dpkg-query -W {_PACKAGES.replace(",", " ")} > /out/packages
"""
_MAKE = f"""\
cd {_TREE}
export GOPATH=$PWD/.go CGO_ENABLED=0 GO111MODULE=auto GOPROXY=off GOLDFLAGS='-s -w'
export KUBE_GIT_VERSION_FILE=/build/version
make WHAT=cmd/$1
cp _output/local/bin/linux/*/$1 /out/
"""
# Strict enough for clients that hold certificates against RFC 5280 (Python 3.13 does).
_OPENSSL = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = lab
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[serving]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc
"""


class UnavailableError(Exception):
    """These tests cannot run here; the text says why."""


class KubectlError(Exception):
    """kubectl ended with an error; the text is what it wrote."""


def cache_dir() -> Path:
    """Return where the programs are kept between runs."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("BOTLAB_CACHE", f"{home}/botlab")) / "kube"


def why_not() -> str:
    """Say why the programs cannot be built here; empty when they can."""
    if os.geteuid() != 0:
        return f"needs root to build Kubernetes {RELEASE}"
    missing = [name for name in ("mmdebstrap", "chroot", "unshare") if not _which(name)]
    if missing:
        return f"needs {', '.join(missing)} to build Kubernetes {RELEASE}"
    return ""


def binaries() -> Path:
    """Return the folder with the programs, built where it is not there yet.

    Raises:
        UnavailableError: When they cannot be built.
    """
    recipe = hashlib.sha256("\n".join((SUITE, _PACKAGES, _UNPACK, _MAKE)).encode()).hexdigest()
    folder = cache_dir() / f"{SOURCE}-{platform.machine()}-{recipe[:12]}"
    if folder.is_dir():
        return folder
    reason = why_not()
    if reason:
        raise UnavailableError(reason)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent / "lock"):
        if not folder.is_dir():  # or another run has built it meanwhile
            _build(folder)
    return folder


def _build(folder: Path) -> None:
    for left in folder.parent.glob("build-*"):
        shutil.rmtree(left)
    free = shutil.disk_usage(folder.parent).free / 1e9
    if free < _NEEDED_GB:
        raise UnavailableError(
            f"needs {_NEEDED_GB} GB to build Kubernetes {RELEASE}: {free:.1f} left"
        )
    with tempfile.TemporaryDirectory(prefix="build-", dir=folder.parent) as name:
        root = Path(name) / "root"
        log = folder.with_name(f"{folder.name}.log")
        log.unlink(missing_ok=True)
        debian = ["mmdebstrap", "--variant=apt", f"--include={_PACKAGES}", SUITE, str(root)]
        _step("mmdebstrap", ["--mount-proc", *debian], log)
        proxies = [f"{k}={v}" for k, v in os.environ.items() if k.lower().endswith("_proxy")]
        env = ["env", "-i", *proxies, "HOME=/root", "LC_ALL=C.UTF-8"]
        env.append("PATH=/usr/sbin:/usr/bin:/sbin:/bin")
        inside = [f"--mount-proc={root}/proc", "chroot", str(root), *env, "bash", "-euc"]
        _step("source package", [*inside, _UNPACK], log)
        for program in ("kube-apiserver", "kubectl"):
            _step(f"make {program}", [*inside, _MAKE, "bash", program], log)
        (root / "out").rename(folder)
        log.unlink()


def _step(name: str, command: list[str], log: Path) -> None:
    """Run a step of the build.

    It has mounts and processes of its own, which end with it: nothing of the host can be reached
    through a mount when the tree is removed, however the step ended.
    """
    own = [*_bound(), "unshare", "--mount", "--pid", "--fork", "--kill-child"]
    with log.open("ab") as output:
        start = output.tell()
        done = subprocess.run(
            [*own, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    if done.returncode:
        text = log.read_bytes()[start:].decode(errors="replace")
        raise UnavailableError(f"Kubernetes {RELEASE}: {name}: {_last_error(text)} (see {log})")


def _last_error(text: str) -> str:
    """Return the last line that says what is wrong; make only says that something is."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("make", "!!!", "+++"))]
    return (telling or lines or ["no message"])[-1]


@contextlib.contextmanager
def _alone(path: Path) -> Generator[None, None, None]:
    """Keep other runs out."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _which(name: str) -> str | None:
    """Find a program also where root's PATH may not lead."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def _bound() -> list[str]:
    """Return what a command begins with to be killed with the thread that starts it."""
    return ["setpriv", "--pdeathsig", "KILL"] if _which("setpriv") else []


class ApiServer:
    """One Kubernetes API with its own etcd, certificates and users.

    It may be stopped and started again; its objects, certificates and tokens stay, its port does
    not. The folder must not be shared. Where setpriv is there, its processes are killed with the
    thread that started it, so start it in one that lasts.

    Args:
        programs: The folder that `binaries` returns.
        folder: Where data, keys and logs are written.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self.url = ""
        self.token = secrets.token_hex(16)
        self.powerless_token = secrets.token_hex(16)
        self.ca = ""
        self._programs = programs
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def kubeconfig(self) -> Path:
        """Return the file that lets clients in, as `ADMIN` or with `--user` as `POWERLESS`."""
        return self.folder / "kubeconfig"

    @property
    def pids(self) -> list[int]:
        """Return the ids of its processes."""
        return [process.pid for process in self._running]

    def start(self) -> ApiServer:
        """Start it, or start it again, and wait until it is ready.

        Raises:
            UnavailableError: When it does not become ready.
        """
        assert not self._running, "is running"
        if not self.ca:
            self._make_credentials()
        for attempt in range(3):
            try:
                self._start()
            except BaseException as error:
                self.stop()
                # A free port may be taken before it is used.
                if attempt == 2 or "address already in use" not in str(error):
                    raise
            else:
                break
        return self

    def stop(self) -> None:
        """End its processes, by force where they do not go."""
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                pass
            finally:
                process.kill()
                process.wait()
        self._running = []

    def kubectl(self, *args: str, stdin: str = "") -> str:
        """Run kubectl against it, as `ADMIN` where no `--user` is given, and return its output.

        Raises:
            KubectlError: When it fails.
        """
        done = subprocess.run(
            [str(self._programs / "kubectl"), *args],
            input=stdin,
            capture_output=True,
            text=True,
            env=self._env() | {"KUBECONFIG": str(self.kubeconfig)},
            cwd=self.folder,
            timeout=120,
        )
        if done.returncode:
            raise KubectlError(done.stderr.strip() or done.stdout.strip())
        return done.stdout

    def _env(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}

    def _make_credentials(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        users = (
            f"{self.token},{ADMIN},{ADMIN},system:masters\n"
            f"{self.powerless_token},{POWERLESS},{POWERLESS}\n"
        )
        self._write("tokens.csv", users)
        self._write("openssl.cnf", _OPENSSL)
        new = "req -config openssl.cnf -newkey rsa:2048 -nodes"
        sign = f"x509 -req -CA ca.crt -CAkey ca.key -set_serial {secrets.randbits(63)}"
        for line in (
            f"{new} -x509 -extensions ca -days 30 -subj /CN=lab-ca -keyout ca.key -out ca.crt",
            f"{new} -subj /CN=kube-apiserver -keyout serving.key -out serving.csr",
            f"{sign} -in serving.csr -days 30 -extfile openssl.cnf -extensions serving"
            " -out serving.crt",
            "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out accounts.key",
            "pkey -in accounts.key -pubout -out accounts.pub",
        ):
            self._openssl(line.split())
        self.ca = (self.folder / "ca.crt").read_text(encoding="ascii")

    def _openssl(self, args: Sequence[str]) -> None:
        program = shutil.which("openssl")
        if program is None:
            raise UnavailableError("needs openssl to make certificates")
        done = subprocess.run([program, *args], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise UnavailableError(f"openssl {args[0]}: {_last_error(done.stderr)}")

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.touch(0o600)
        path.write_text(text, encoding="utf-8")

    def _start(self) -> None:
        client, peer, secure = _free_ports(3)
        self.url = f"https://127.0.0.1:{secure}"
        self._write("kubeconfig", self._kubeconfig())
        etcd, peers = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
        self._run(
            "etcd", "--unsafe-no-fsync", "--data-dir=etcd", "--name=lab",
            f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}",
            f"--listen-peer-urls={peers}", f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=lab={peers}",
        )  # fmt: skip
        self._wait("etcd", 30, lambda: _listens(client))
        self._run(
            "kube-apiserver", f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1", f"--secure-port={secure}",
            # Else it looks for a default route and makes the machine's address an endpoint.
            "--advertise-address=127.0.0.1", "--endpoint-reconciler-type=none",
            "--cert-dir=certs",
            "--tls-cert-file=serving.crt", "--tls-private-key-file=serving.key",
            "--token-auth-file=tokens.csv", "--authorization-mode=RBAC", "--allow-privileged=true",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=accounts.pub",
            "--service-account-signing-key-file=accounts.key",
            "--service-cluster-ip-range=10.152.183.0/24",
        )  # fmt: skip
        self._wait("kube-apiserver", 90, lambda: self._answers(secure, "/readyz"))
        # Made by a loop of the server's that /readyz does not wait for.
        default = "/api/v1/namespaces/default"
        self._wait("kube-apiserver", 30, lambda: self._answers(secure, default))

    def _kubeconfig(self) -> str:
        """Return the file's text; JSON is YAML."""
        users = {ADMIN: self.token, POWERLESS: self.powerless_token}
        cluster = {"server": self.url, "certificate-authority": str(self.folder / "ca.crt")}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": name, "user": {"token": users[name]}} for name in users],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": ADMIN}}],
            "current-context": "lab",
        }
        return json.dumps(content, indent=1)

    def _run(self, name: str, *flags: str) -> None:
        """Start a program that ends at the latest with the thread that starts it."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [*_bound(), str(self._programs / name), *flags],
                cwd=self.folder,
                env=self._env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(process)

    def _wait(self, name: str, seconds: float, ready: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while not ready():
            ended = any(process.poll() is not None for process in self._running)
            if ended or time.monotonic() > end:
                log = (self.folder / f"{name}.log").read_text(errors="replace")
                what = "ended" if ended else f"is not ready after {seconds} s"
                raise UnavailableError(f"{name} {what}: {_last_error(log)}")
            time.sleep(0.05)

    def _answers(self, port: int, path: str) -> bool:
        trust = ssl.create_default_context(cadata=self.ca)
        link = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=trust)
        try:
            link.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
            return link.getresponse().status == 200
        except OSError:
            return False
        finally:
            link.close()


def _free_ports(count: int) -> list[int]:
    """Return ports of loopback that nothing listens on, each another."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _listens(port: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0
