"""A manifests release's objects: built with kustomize, or read from the YAML that was built.

Building and reading take a minute and more, and many where parts are fetched. So it is done beside
the hooks (`kf_methods`), and the result is kept with a digest of what it was made of.
"""

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from typing import Any, Dict, Iterable, List, Set, Tuple

import kf_archive
import kf_child
import kf_inventory
import kf_manifests_yaml
import kf_stages
import yaml
from labcharm.machine import Machine, Result

Object = Dict[str, Any]

# The one that has PyYAML with libyaml, on Ubuntu's cloud images as cloud-init needs it.
_PYTHON = "/usr/bin/python3"
_ENV = "/usr/bin/env"
_SECONDS = 900.0  # 10 s on a machine of today; no hook waits for it
# Names in the cache: a result, one that is being written, and a folder to build in.
_KEPT, _PART, _WORK = "objects-", ".objects-", "build-"
_WORDS = 400  # of kustomize's, which repeats every folder on its way
# Changes with what is kept, so that an upgraded charm makes it anew.
_FORMAT = "1"
_EXAMPLE = os.path.join("example", "kustomization.yaml")
# Folders within a component; what stands before them names it.
_LAYERS = ("base", "upstream", "overlay", "overlays", "env", "installs", "default")
# A component of the releases by kfctl, which the option names by default. None of these has it.
_NEVER_THERE = ("spartakus",)


class ManifestsError(Exception):
    """Manifests that cannot be had or used; the text says what to do."""

    def __init__(self, message: str, passes: bool = False) -> None:
        super().__init__(message)
        self.passes = passes


def objects(
    machine: Machine,
    source: str,
    kustomize: str,
    release: str,
    excluded: Iterable[str],
    cache: str,
) -> List[Object]:
    """Return the objects of a release, each with a namespace just where its kind has one.

    Args:
        machine: Runs kustomize and the machine's Python. The paths below are real ones.
        source: The manifests' archive, as GitHub makes it (.tar.gz or .zip), or the YAML that was
            built of it.
        kustomize: The program; empty where there is none, which does for YAML.
        release: Its name.
        excluded: Components that are left out, by the names of folders in the paths of
            example/kustomization.yaml, such as "katib" for
            ../applications/katib/upstream/installs/katib-with-kubeflow. A YAML must have been
            built without them.
        cache: A folder of the charm's own, for the result; made where it is missing.

    Raises:
        ManifestsError: When they cannot be read or built, or a name excludes nothing. It passes
            where the network was needed and did not serve.
    """
    left_out = _left_out(excluded)
    os.makedirs(cache, mode=0o700, exist_ok=True)
    path = os.path.join(cache, _KEPT + digest(source, kustomize, excluded) + ".json")
    found = _kept(path)
    if found is None:
        found = kf_stages.scoped(_made(machine, source, kustomize, left_out, cache))
        if not kf_archive.is_archive(source):
            _refuse_left_out(found, release, left_out)
        _keep(path, found)
    return found


def kept(source: str, kustomize: str, excluded: Iterable[str], cache: str) -> Any:
    """Return what `objects` would, where that is made already; else None.

    Raises:
        ManifestsError: When a file cannot be read.
    """
    return _kept(os.path.join(cache, _KEPT + digest(source, kustomize, excluded) + ".json"))


def clear(cache: str) -> None:
    """Remove what a run that was killed left in the cache."""
    for name in os.listdir(cache) if os.path.isdir(cache) else []:
        if name.startswith(_WORK):
            shutil.rmtree(os.path.join(cache, name), ignore_errors=True)


def components(folder: str) -> Dict[str, List[str]]:
    """Return what can be left out of an unpacked archive: each name, and its paths in the list.

    Raises:
        ManifestsError: When there is no list.
    """
    found: Dict[str, List[str]] = {}
    for path in _paths(_listed(folder)):
        for name in _names(path):
            found.setdefault(name, []).append(path)
    return found


def _left_out(excluded: Iterable[str]) -> List[str]:
    return sorted(set(excluded) - set(_NEVER_THERE))


def digest(source: str, kustomize: str, excluded: Iterable[str]) -> str:
    """Return what tells one result from another.

    Raises:
        ManifestsError: When a file cannot be read.
    """
    found = hashlib.sha256(_FORMAT.encode())
    for path in (source, kustomize):
        part = hashlib.sha256()
        if path:
            with _opened(path) as file:
                for block in iter(lambda: file.read(2**20), b""):
                    part.update(block)
        found.update(part.digest())
    found.update(json.dumps(_left_out(excluded)).encode())
    return found.hexdigest()[:32]


def _opened(path: str) -> Any:
    try:
        return open(path, "rb")
    except OSError as error:
        raise ManifestsError("%s cannot be read: %s" % (path, error.strerror)) from None


def _kept(path: str) -> Any:
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return None


def _keep(path: str, found: List[Object]) -> None:
    """Write the result, whole or not at all, and drop what was kept of other sources."""
    folder = os.path.dirname(path)
    handle, temporary = tempfile.mkstemp(prefix=_PART, dir=folder)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(found, file)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    for name in os.listdir(folder):
        if name.startswith((_KEPT, _PART)) and name != os.path.basename(path):
            os.unlink(os.path.join(folder, name))


def _made(
    machine: Machine, source: str, kustomize: str, left_out: List[str], cache: str
) -> List[Object]:
    clear(cache)
    work = tempfile.mkdtemp(prefix=_WORK, dir=cache)
    try:
        if not kf_archive.is_archive(source):
            return _read(machine, _plain(source, work), work)
        return _read(machine, _built(machine, source, kustomize, left_out, work), work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _plain(source: str, work: str) -> str:
    try:
        return kf_archive.plain(source, os.path.join(work, "manifests.yaml"))
    except kf_archive.ArchiveError as error:
        raise ManifestsError(str(error)) from None


def _refuse_left_out(found: List[Object], release: str, left_out: List[str]) -> None:
    """Look whether YAML was built without what is left out.

    Raises:
        ManifestsError: When something of it is there, or it is not known what a name stands for.
    """
    there = {kf_inventory.row_of(one) for one in found}
    wrong = [name for name in left_out if not _is_absent(release, name, there)]
    if wrong:
        told = "%s cannot be left out of a YAML that was built already; build it without, or"
        raise ManifestsError(told % ", ".join(wrong) + " attach the manifests' archive")


def _is_absent(release: str, name: str, there: Set[kf_inventory.Row]) -> bool:
    rows = kf_inventory.brought(release, [name])
    return bool(rows) and not there & set(rows or ())


# kustomize.


def _built(machine: Machine, source: str, kustomize: str, left_out: List[str], work: str) -> str:
    """Build an archive; return the path of the YAML."""
    if not kustomize:
        told = "kustomize is needed for an archive of manifests; attach it as the resource"
        raise ManifestsError(told + " kustomize-ARCHITECTURE, or attach the YAML that was built")
    try:
        folder = kf_archive.unpack(source, os.path.join(work, "source"))
    except kf_archive.ArchiveError as error:
        raise ManifestsError(str(error)) from None
    _leave_out(folder, left_out)
    target, home = os.path.join(work, "built.yaml"), os.path.join(work, "home")
    os.makedirs(home)
    # A home of its own: kustomize looks for plugins there, and git for settings.
    command = [_ENV, "HOME=" + home, "XDG_CONFIG_HOME=" + home, "GIT_TERMINAL_PROMPT=0"]
    command += [kustomize, "build", os.path.join(folder, "example"), "-o", target]
    # It goes with us, in whatever way we end.
    shell = [sys.executable, "-I", os.path.abspath(kf_child.__file__), str(os.getpid())]
    result = machine.run(shell + command, _SECONDS)
    if result.code != 0:
        raise _failed(result)
    return target


def _failed(result: Result) -> ManifestsError:
    lines = [line for line in result.err.splitlines() if not line.startswith("# Warning")]
    text = " ".join(lines) or result.out
    remote = re.search(r"'(https?://[^\s']+)'", text)
    if remote:
        told = (
            "kustomize cannot fetch %s, which this release needs while it is built; for machines"
        )
        told += " without a way out, build it elsewhere (kustomize build example > manifests.yaml)"
        told += " and attach that YAML as the resource manifests"
        return ManifestsError(told % remote.group(1), passes=True)
    if result.code == 124:
        return ManifestsError("kustomize had no end after %.0f s" % _SECONDS, passes=True)
    last = text if len(text) <= _WORDS else "... " + text[-_WORDS:]
    return ManifestsError("kustomize cannot build the manifests: " + last)


# What is left out.


def _leave_out(folder: str, left_out: List[str]) -> None:
    known = components(folder)
    unknown = [name for name in left_out if name not in known]
    if unknown:
        told = "excluded-components names %s, which the manifests do not have; there are %s"
        raise ManifestsError(told % (", ".join(unknown), ", ".join(sorted(known))))
    gone: Set[str] = {path for name in left_out for path in known[name]}
    listed = _listed(folder)
    for key in ("resources", "components", "bases"):
        if listed.get(key):
            listed[key] = [path for path in listed[key] if path not in gone]
    if gone:
        with open(os.path.join(folder, _EXAMPLE), "w", encoding="utf-8") as file:
            yaml.safe_dump(listed, file, default_flow_style=False, sort_keys=False)


def _listed(folder: str) -> Object:
    try:
        with open(os.path.join(folder, _EXAMPLE), encoding="utf-8") as file:
            found = yaml.safe_load(file)
    except (OSError, yaml.YAMLError):
        found = None
    if not isinstance(found, dict):
        told = "the archive has no %s; give Kubeflow's manifests, unchanged"
        raise ManifestsError(told % _EXAMPLE)
    return found


def _paths(listed: Object) -> List[str]:
    keys = ("resources", "components", "bases")
    return [str(path) for key in keys for path in listed.get(key) or []]


def _names(path: str) -> Tuple[str, ...]:
    """Return a component's names: its folders below common, apps and the like."""
    steps = [step for step in path.split("/") if step not in ("", ".", "..")]
    names: List[str] = []
    for step in steps[1:]:
        if step in _LAYERS:
            break
        names.append(step)
    return tuple(names or steps[-1:])


# YAML.


def _read(machine: Machine, path: str, work: str) -> List[Object]:
    """Read YAML by the machine's own Python where it has libyaml, else here, which is slow."""
    target = os.path.join(work, "objects.json")
    program = os.path.abspath(kf_manifests_yaml.__file__)
    result = machine.run([_PYTHON, program, path, target], _SECONDS)
    found = _kept(target) if result.code == 0 else None
    return _checked(_read_here(path) if found is None else found)


def _read_here(path: str) -> List[Any]:
    try:
        with open(path, encoding="utf-8") as file:
            base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            return kf_manifests_yaml.documents(file, base)
    except (yaml.YAMLError, ValueError) as error:
        words = " ".join(str(error).split())[:200]
        told = "%s is neither an archive nor YAML (%s); give the manifests' archive, or what"
        told %= (os.path.basename(path), words)
        raise ManifestsError(told + " kustomize built of it") from None


def _checked(found: List[Any]) -> List[Object]:
    result = _flat(found)
    for one in result:
        if not _is_object(one):
            told = "the manifests hold something that is no object of Kubernetes: %s"
            raise ManifestsError(told % json.dumps(one)[:80])
    if not result:
        raise ManifestsError("the manifests hold no objects; give what kustomize built")
    return result


def _flat(found: List[Any]) -> List[Any]:
    """Return a stream's documents, lists of objects taken apart."""
    result: List[Any] = []
    for one in found:
        if isinstance(one, dict) and str(one.get("kind", "")).endswith("List") and "items" in one:
            result += _flat(one["items"] or [])
        elif one is not None:
            result.append(one)
    return result


def _is_object(found: Any) -> bool:
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        return False
    return bool(found.get("apiVersion") and found.get("kind") and found["metadata"].get("name"))
