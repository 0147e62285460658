"""The programs of Kubernetes releases for the tests, built once and cached.

1.20.2 is built from the source package of Debian bookworm, which includes the vendored modules, in
a separate root file system; this needs root and Debian's archive. The newest release, and one in
between, are built from Go modules that `modules/newest` and `modules/older` pin; this needs Go.
Their etcd and kubectl are those of 1.20.2. If KUBEBUILDER_ASSETS names a directory with
kube-apiserver, etcd and kubectl, these programs are the newest release.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path

MODULES = Path(__file__).parent / "modules"
_METALLB = "go.universe.tf/metallb"
_PROVISIONER = (
    "github.com/kubernetes-incubator/external-storage/nfs-client/cmd/nfs-client-provisioner"
)
RELEASE = "1.20.2"
SUITE = "bookworm"
SOURCE = f"1.20.5+really{RELEASE}-1.1+deb12u1"
# The programs of the control plane. Those of a node, and the scheduler, exist for 1.20.2 only.
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kubectl", "etcd")
_NODE = ("kubelet", "kube-scheduler")
_NEEDED_GB = 8
_PACKAGES = (
    "golang-go,dpkg-dev,gcc,libc6-dev,golang-github-modern-go-reflect2-dev,"
    "golang-github-modern-go-concurrent-dev,etcd-server,rsync,make,file,jq,patch,xz-utils"
)
_TREE = "/build/kubernetes"
# The vendored reflect2 crashes on maps since Go 1.18; the one in Debian's own package does not.
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


class UnavailableError(Exception):
    """The tests cannot run on this machine; the message is the reason."""


def cache_dir() -> Path:
    """Return the directory in which programs are cached."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("BOTLAB_CACHE", f"{home}/botlab")) / "kube"


def why_not() -> str:
    """Return why Kubernetes 1.20.2 cannot be built on this host; empty when it can."""
    if os.geteuid() != 0:
        return f"needs root to build Kubernetes {RELEASE}"
    missing = [name for name in ("mmdebstrap", "chroot", "unshare") if not _which(name)]
    if missing:
        return f"needs {', '.join(missing)} to build Kubernetes {RELEASE}"
    return ""


def binaries() -> Path:
    """Return the directory with the programs of 1.20.2; build it when it is not cached.

    Raises:
        UnavailableError: When they cannot be built.
    """
    recipe = "\n".join((SUITE, _PACKAGES, _UNPACK, _MAKE, *PROGRAMS, *_NODE))
    digest = hashlib.sha256(recipe.encode()).hexdigest()
    folder = cache_dir() / f"{SOURCE}-{platform.machine()}-{digest[:12]}"
    if folder.is_dir():
        return folder
    reason = why_not()
    if reason:
        raise UnavailableError(reason)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent / "lock"):
        if not folder.is_dir():  # another run may have built it meanwhile
            _build(folder)
    return folder


def newest() -> Path:
    """Return the directory with the programs of the newest release; build it if necessary.

    Raises:
        UnavailableError: When they cannot be built.
    """
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    if assets and all(Path(assets, name).is_file() for name in ("kube-apiserver", "etcd")):
        return Path(assets)
    return of_modules("newest")


def of_modules(name: str) -> Path:
    """Return the directory with a release's programs; build it from Go modules if necessary.

    Args:
        name: The directory below `modules` whose go.mod pins the release.

    Raises:
        UnavailableError: When they cannot be built.
    """
    pins = (MODULES / name / "go.mod").read_text(encoding="utf-8")
    version = re.search(r"k8s\.io/kubernetes v(\S+)", pins)
    assert version, f"{name}/go.mod requires k8s.io/kubernetes"
    digest = hashlib.sha256(pins.encode()).hexdigest()[:12]
    folder = cache_dir() / f"{version[1]}-{platform.machine()}-{digest}"
    if folder.is_dir():
        return folder
    if not shutil.which("go"):
        raise UnavailableError(f"needs Go to build Kubernetes {version[1]}")
    oldest = binaries()
    with _alone(folder.parent / "lock"):
        if not folder.is_dir():
            _build_modules(MODULES / name, folder, version[1], oldest)
    return folder


def metallb(name: str) -> Path:
    """Return the directory with MetalLB's controller, and the release's manifest if it has one.

    Args:
        name: The directory below `modules` whose go.mod pins the release.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return _kept(name, _controller)


def provisioner() -> Path:
    """Return the directory with nfs-client-provisioner, for servers up to 1.19.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return of_module("nfs-provisioner", _PROVISIONER)


def of_module(name: str, package: str) -> Path:
    """Return the directory with a program of an upstream module; build it if necessary.

    Args:
        name: The directory below `modules` whose go.mod pins the release.
        package: The Go package of the program.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return _kept(name, lambda module, part: _package(module, part, package))


def program(name: str) -> Path:
    """Return the directory with a program that belongs to the tests; build it if necessary.

    Args:
        name: The program, and its directory below `modules`.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return _kept(name, _main)


def _kept(name: str, build: Callable[[Path, Path], None]) -> Path:
    module = MODULES / name
    sources = [module / "go.sum", *sorted(module.glob("*.go"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    folder = cache_dir() / f"{name}-{platform.machine()}-{digest}"
    if folder.is_dir():
        return folder
    if not shutil.which("go"):
        raise UnavailableError(f"needs Go to build {name}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent / "lock"):
        if not folder.is_dir():
            part = folder.with_name("part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            build(module, part)
            part.rename(folder)
    return folder


def _controller(module: Path, part: Path) -> None:
    _go(module, module.name, "build", "-trimpath", "-o", f"{part}/", f"{_METALLB}/controller")
    home = Path(_go(module, module.name, "list", "-m", "-f", "{{.Dir}}", _METALLB).strip())
    manifest = home / "config/manifests/metallb-native.yaml"
    if manifest.is_file():
        shutil.copyfile(manifest, part / "manifest.yaml")


def _package(module: Path, part: Path, package: str) -> None:
    _go(module, module.name, "build", "-trimpath", "-ldflags=-s -w", "-o", f"{part}/", package)


def _main(module: Path, part: Path) -> None:
    _go(module, module.name, "build", "-trimpath", "-o", f"{part}/{module.name}", ".")


def _go(folder: Path, title: str, *args: str) -> str:
    done = subprocess.run(
        [*bound(), "go", *args],
        cwd=folder,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UnavailableError(f"{title}: go {args[0]}: {last_error(done.stderr)}")
    return done.stdout


def _build_modules(module: Path, folder: Path, release: str, oldest: Path) -> None:
    major, minor, _ = release.split(".")
    base = "k8s.io/component-base/version.git"
    flags = f"-s -w -X {base}Version=v{release} -X {base}Major={major} -X {base}Minor={minor}"
    part = folder.with_name("part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    programs = [f"k8s.io/kubernetes/cmd/{name}" for name in PROGRAMS[:2]]
    build = ("build", "-trimpath", f"-ldflags={flags}", "-o", f"{part}/", *programs)
    _go(module, f"Kubernetes {release}", *build)
    for name in PROGRAMS[2:]:
        shutil.copy(oldest / name, part / name)
    part.rename(folder)


def _build(folder: Path) -> None:
    for remains in folder.parent.glob("build-*"):
        shutil.rmtree(remains)
    free = shutil.disk_usage(folder.parent).free / 1e9
    if free < _NEEDED_GB:
        raise UnavailableError(
            f"needs {_NEEDED_GB} GB to build Kubernetes {RELEASE}: {free:.1f} GB are free"
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
        for program in (*PROGRAMS[:3], *_NODE):
            _step(f"make {program}", [*inside, _MAKE, "bash", program], log)
        (root / "out").rename(folder)
        log.unlink()


def _step(name: str, command: list[str], log: Path) -> None:
    """Run a step of the build in its own mount and process namespaces.

    Its mounts and processes end with the step, however it ends. Removing the tree afterwards
    cannot reach files of the host through a mount.
    """
    isolated = [*bound(), "unshare", "--mount", "--pid", "--fork", "--kill-child"]
    with log.open("ab") as output:
        start = output.tell()
        done = subprocess.run(
            [*isolated, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if done.returncode:
        text = log.read_bytes()[start:].decode(errors="replace")
        raise UnavailableError(f"Kubernetes {RELEASE}: {name}: {last_error(text)} (see {log})")


def last_error(text: str) -> str:
    """Return the last line that names an error; make only reports that one occurred."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if not line.startswith(("make", "!!!", "+++"))]
    return (errors or lines or ["no message"])[-1]


@contextlib.contextmanager
def _alone(path: Path) -> Generator[None, None, None]:
    """Hold a lock against other test runs."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _which(name: str) -> str | None:
    """Find a program on PATH or in the system directories, which root's PATH may lack."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def bound() -> list[str]:
    """Return the command prefix by which a process is killed with the thread that starts it."""
    return ["setpriv", "--pdeathsig", "KILL"] if _which("setpriv") else []
