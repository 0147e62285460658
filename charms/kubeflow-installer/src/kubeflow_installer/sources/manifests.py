"""A manifests release's objects: built with kustomize, or read from the YAML that was built.

Building and reading take a minute and more, and many where parts are fetched. So it is done beside
the hooks (`methods`), and the result is kept with a digest of what it was made of.
"""

import hashlib
import json
import os
import shutil
import tempfile
from typing import Any, Dict, Iterable, List

from kubeflow_installer.errors import ManifestsError
from kubeflow_installer.reconcile import stages
from kubeflow_installer.sources import archive, exclusions, manifest_reader
from kubeflow_installer.sources import kustomize as kustomize_module
from labcharm.machine import Machine

Object = Dict[str, Any]

# Names in the cache: a result, one that is being written, and a folder to build in.
_KEPT, _PART, _WORK = "objects-", ".objects-", "build-"
# Changes with what is kept, so that an upgraded charm makes it anew.
_FORMAT = "1"


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
    left_out = exclusions.left_out(excluded)
    os.makedirs(cache, mode=0o700, exist_ok=True)
    path = os.path.join(cache, _KEPT + digest(source, kustomize, excluded) + ".json")
    found = manifest_reader.as_json(path)
    if found is None:
        found = stages.scoped(_made(machine, source, kustomize, left_out, cache))
        if not archive.is_archive(source):
            exclusions.refuse(found, release, left_out)
        _keep(path, found)
    return found


def kept(source: str, kustomize: str, excluded: Iterable[str], cache: str) -> Any:
    """Return what `objects` would, where that is made already; else None.

    Raises:
        ManifestsError: When a file cannot be read.
    """
    return manifest_reader.as_json(
        os.path.join(cache, _KEPT + digest(source, kustomize, excluded) + ".json")
    )


def clear(cache: str) -> None:
    """Remove what a run that was killed left in the cache."""
    for name in os.listdir(cache) if os.path.isdir(cache) else []:
        if name.startswith(_WORK):
            shutil.rmtree(os.path.join(cache, name), ignore_errors=True)


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
    found.update(json.dumps(exclusions.left_out(excluded)).encode())
    return found.hexdigest()[:32]


def _opened(path: str) -> Any:
    try:
        return open(path, "rb")
    except OSError as error:
        raise ManifestsError("%s cannot be read: %s" % (path, error.strerror)) from None


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
        if not archive.is_archive(source):
            return manifest_reader.read(machine, _plain(source, work), work)
        built = kustomize_module.build(machine, source, kustomize, left_out, work)
        return manifest_reader.read(machine, built, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _plain(source: str, work: str) -> str:
    try:
        return archive.plain(source, os.path.join(work, "manifests.yaml"))
    except archive.ArchiveError as error:
        raise ManifestsError(str(error)) from None
