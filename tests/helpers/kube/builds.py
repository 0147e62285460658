"""The programs of Kubernetes releases for the tests, built once and kept.

1.20.2 comes from Debian bookworm's source package (which is complete, with its vendored modules)
in a root file system of its own; that needs root and Debian's archive. The newest, and one
between, come from Go's modules, as the go.mod in `newest` and `older` pin them; that needs Go, and
takes etcd and kubectl from the former. Where KUBEBUILDER_ASSETS names a folder with
kube-apiserver, etcd and kubectl, these are the newest instead.
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
# Of the control plane; those of a node and its scheduler are of 1.20.2 alone.
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kubectl", "etcd")
_NODE = ("kubelet", "kube-scheduler")
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


class UnavailableError(Exception):
    """These tests cannot run here; the text says why."""


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
    """Return the folder with the programs of 1.20.2, built where it is not there yet.

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
        if not folder.is_dir():  # or another run has built it meanwhile
            _build(folder)
    return folder


def newest() -> Path:
    """Return the folder with the programs of the newest release, built where it is not there.

    Raises:
        UnavailableError: When they cannot be built.
    """
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    if assets and all(Path(assets, name).is_file() for name in ("kube-apiserver", "etcd")):
        return Path(assets)
    return of_modules("newest")


def of_modules(name: str) -> Path:
    """Return the folder with a release's programs, built of Go's modules where it is not there.

    Args:
        name: The folder beside this file whose go.mod pins the release.

    Raises:
        UnavailableError: When they cannot be built.
    """
    pins = (MODULES / name / "go.mod").read_text(encoding="utf-8")
    found = re.search(r"k8s\.io/kubernetes v(\S+)", pins)
    assert found, f"{name}/go.mod requires k8s.io/kubernetes"
    digest = hashlib.sha256(pins.encode()).hexdigest()[:12]
    folder = cache_dir() / f"{found[1]}-{platform.machine()}-{digest}"
    if folder.is_dir():
        return folder
    if not shutil.which("go"):
        raise UnavailableError(f"needs Go to build Kubernetes {found[1]}")
    others = binaries()
    with _alone(folder.parent / "lock"):
        if not folder.is_dir():
            _build_modules(MODULES / name, folder, found[1], others)
    return folder


def metallb(name: str) -> Path:
    """Return the folder with a MetalLB controller of its own release, and its manifest if any.

    Args:
        name: The folder beside this file whose go.mod pins the release.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return _kept(name, _controller)


def provisioner() -> Path:
    """Return the folder with nfs-client-provisioner, the release of servers up to 1.19.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return of_module("nfs-provisioner", _PROVISIONER)


def of_module(name: str, package: str) -> Path:
    """Return the folder with a program of somebody's module, built where it is not there yet.

    Args:
        name: The folder beside this file whose go.mod pins the release.
        package: The program's package.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return _kept(name, lambda here, part: _package(here, part, package))


def program(name: str) -> Path:
    """Return the folder with a program of the tests' own, built where it is not there yet.

    Args:
        name: The folder beside this file that holds it; the program's name too.

    Raises:
        UnavailableError: When it cannot be built.
    """
    return _kept(name, _main)


def _kept(name: str, build: Callable[[Path, Path], None]) -> Path:
    here = MODULES / name
    sources = [here / "go.sum", *sorted(here.glob("*.go"))]
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in sources)).hexdigest()[:12]
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
            build(here, part)
            part.rename(folder)
    return folder


def _controller(here: Path, part: Path) -> None:
    _go(here, here.name, "build", "-trimpath", "-o", f"{part}/", f"{_METALLB}/controller")
    home = Path(_go(here, here.name, "list", "-m", "-f", "{{.Dir}}", _METALLB).strip())
    manifest = home / "config/manifests/metallb-native.yaml"
    if manifest.is_file():
        shutil.copyfile(manifest, part / "manifest.yaml")


def _package(here: Path, part: Path, package: str) -> None:
    _go(here, here.name, "build", "-trimpath", "-ldflags=-s -w", "-o", f"{part}/", package)


def _main(here: Path, part: Path) -> None:
    _go(here, here.name, "build", "-trimpath", "-o", f"{part}/{here.name}", ".")


def _go(folder: Path, what: str, *args: str) -> str:
    done = subprocess.run(
        [*bound(), "go", *args],
        cwd=folder,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise UnavailableError(f"{what}: go {args[0]}: {last_error(done.stderr)}")
    return done.stdout


def _build_modules(here: Path, folder: Path, release: str, others: Path) -> None:
    major, minor, _ = release.split(".")
    base = "k8s.io/component-base/version.git"
    flags = f"-s -w -X {base}Version=v{release} -X {base}Major={major} -X {base}Minor={minor}"
    part = folder.with_name("part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    programs = [f"k8s.io/kubernetes/cmd/{name}" for name in PROGRAMS[:2]]
    build = ("build", "-trimpath", f"-ldflags={flags}", "-o", f"{part}/", *programs)
    _go(here, f"Kubernetes {release}", *build)
    for name in PROGRAMS[2:]:
        shutil.copy(others / name, part / name)
    part.rename(folder)


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
        for program in (*PROGRAMS[:3], *_NODE):
            _step(f"make {program}", [*inside, _MAKE, "bash", program], log)
        (root / "out").rename(folder)
        log.unlink()


def _step(name: str, command: list[str], log: Path) -> None:
    """Run a step of the build.

    It has mounts and processes of its own, which end with it: nothing of the host can be reached
    through a mount when the tree is removed, however the step ended.
    """
    own = [*bound(), "unshare", "--mount", "--pid", "--fork", "--kill-child"]
    with log.open("ab") as output:
        start = output.tell()
        done = subprocess.run(
            [*own, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    if done.returncode:
        text = log.read_bytes()[start:].decode(errors="replace")
        raise UnavailableError(f"Kubernetes {RELEASE}: {name}: {last_error(text)} (see {log})")


def last_error(text: str) -> str:
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


def bound() -> list[str]:
    """Return what a command begins with to be killed with the thread that starts it."""
    return ["setpriv", "--pdeathsig", "KILL"] if _which("setpriv") else []
