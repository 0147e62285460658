"""The objects of a release from manifests: built with kustomize, or read from built YAML.

Building and reading take a minute and more, and many minutes where parts are downloaded. So a
background job does it (`methods.manifests`), and the objects are cached under a digest of what
they were built from.
"""

import hashlib
import json
import os
import shutil
import tempfile
from typing import IO, List, NamedTuple, Optional

from kubeflow_installer.sources import archive, exclusions, kustomize, manifest_reader
from kubeflow_installer.transform.namespaces import with_fitting_namespaces
from labcharm.documents import form_errors
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.machine import Machine

# Names in the cache: objects, a file that is being written, and a directory to build in.
_OBJECTS, _PART, _WORK = "objects-", ".objects-", "build-"
# Changes with what is cached, so that an upgraded charm builds it anew.
_FORMAT = "1"


class BuildInput(NamedTuple):
    """What a release's objects are built from.

    Attributes:
        source: The path of the manifests' archive, as GitHub makes it (.tar.gz or .zip), or of the
            YAML that was built from it.
        kustomize: The program's path; empty if there is none. Only archives need it.
        excluded: Components that are excluded, by the names of directories in the paths of
            example/kustomization.yaml, such as "katib" for
            ../applications/katib/upstream/installs/katib-with-kubeflow. YAML must have been built
            without them.
        cache: A directory of the charm's own for the objects; created when it is missing.
    """

    source: str
    kustomize: str
    excluded: List[str]
    cache: str


def load_or_build(machine: Machine, build: BuildInput, release: str) -> List[JsonObject]:
    """Return the objects of a release, with a namespace if, and only if, their kind is namespaced.

    Args:
        machine: Runs kustomize and the machine's Python; its root directory is not put before the
            paths.
        build: What they are built from.
        release: The release's name.

    Raises:
        BlockedError: When they cannot be read or built, or a name excludes nothing.
        WaitingError: When a download was needed and failed.
    """
    os.makedirs(build.cache, mode=0o700, exist_ok=True)
    path = _cache_path(build)
    objects = manifest_reader.read_json(path)
    if objects is None:
        objects = _build(machine, build)
        with form_errors("a CustomResourceDefinition of the manifests"):
            objects = with_fitting_namespaces(objects)
        if not archive.is_archive(build.source):
            exclusions.check_built(objects, release, exclusions.effective(build.excluded))
        _write_cache(path, objects)
    return objects


def load_cached(build: BuildInput) -> Optional[List[JsonObject]]:
    """Return the objects when they are built already, or None.

    Raises:
        BlockedError: When a file cannot be read.
    """
    return manifest_reader.read_json(_cache_path(build))


def remove_build_directories(cache: str) -> None:
    """Remove what a killed build left in the cache."""
    for name in os.listdir(cache) if os.path.isdir(cache) else []:
        if name.startswith(_WORK):
            shutil.rmtree(os.path.join(cache, name), ignore_errors=True)


def cache_key(build: BuildInput) -> str:
    """Return a digest of everything that the objects depend on.

    Raises:
        BlockedError: When a file cannot be read.
    """
    key = hashlib.sha256(_FORMAT.encode())
    for path in (build.source, build.kustomize):
        content = hashlib.sha256()
        if path:
            with _open(path) as file:
                for block in iter(lambda: file.read(2**20), b""):
                    content.update(block)
        key.update(content.digest())
    key.update(json.dumps(exclusions.effective(build.excluded)).encode())
    return key.hexdigest()[:32]


def _cache_path(build: BuildInput) -> str:
    return os.path.join(build.cache, f"{_OBJECTS}{cache_key(build)}.json")


def _open(path: str) -> IO[bytes]:
    try:
        return open(path, "rb")
    except OSError as error:
        raise BlockedError(f"{path} cannot be read: {error.strerror}") from None


def _write_cache(path: str, objects: List[JsonObject]) -> None:
    """Write the objects as a whole or not at all, and delete those of other sources."""
    directory = os.path.dirname(path)
    handle, temporary = tempfile.mkstemp(prefix=_PART, dir=directory)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(objects, file)
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    for name in os.listdir(directory):
        if name.startswith((_OBJECTS, _PART)) and name != os.path.basename(path):
            os.unlink(os.path.join(directory, name))


def _build(machine: Machine, build: BuildInput) -> List[JsonObject]:
    remove_build_directories(build.cache)
    work = tempfile.mkdtemp(prefix=_WORK, dir=build.cache)
    try:
        if archive.is_archive(build.source):
            excluded = exclusions.effective(build.excluded)
            path = kustomize.build(machine, build.source, build.kustomize, excluded, work)
        else:
            path = archive.decompress(build.source, os.path.join(work, "manifests.yaml"))
        return manifest_reader.read(machine, path, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
