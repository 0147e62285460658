"""Check that manifests belong to the release that they are to be installed as.

A downloaded file is compared with the digest of its release. What an administrator attaches or
pins may be another release's or a part of one: an archive is identified by its git tree, and built
manifests by their objects.
"""

import tempfile
from typing import Collection, Iterable

from kubeflow_installer.preflight.problems import Message
from kubeflow_installer.releases import components, inventory
from kubeflow_installer.releases.inventory import ObjectKey
from kubeflow_installer.releases.table import Release, all_releases
from kubeflow_installer.sources import archive
from kubeflow_installer.sources.git_tree import tree_digest
from labcharm.archives import ArchiveError
from labcharm.json_types import JsonObject
from labcharm.text import summarize


def archive_mismatch(path: str, release: Release) -> str:
    """Return a message if an archive is the unchanged one of another release; otherwise empty.

    An archive that a site has changed is accepted.

    Args:
        path: The archive. For YAML the message is empty.
        release: The release that it is to be installed as.
    """
    if not archive.is_archive(path):
        return ""
    try:
        with tempfile.TemporaryDirectory() as directory:
            digest = "tree:" + tree_digest(archive.unpack(path, directory))
    except ArchiveError:
        return ""  # the build reports it
    names = {row.archives["manifests"].digest: row.name for row in all_releases()}
    name = names.get(digest, release.name)
    if name == release.name:
        return ""
    return f"the archive is Kubeflow {name}, not {release.name}; attach that of {release.name}"


def objects_mismatch(
    manifests: Iterable[JsonObject], release: str, excluded: Iterable[str]
) -> str:
    """Return a message when manifests lack objects of a release, or have another release's.

    Args:
        manifests: The objects.
        release: The release that they are to be installed as.
        excluded: The components that the site excludes.

    Returns:
        Empty when they are the release's.
    """
    present = {inventory.object_key(manifest) for manifest in manifests}
    missing = components.missing_objects(release, excluded, present)
    return _describe_missing(release, missing) or _describe_foreign(present, release)


def _describe_missing(release: str, missing: Collection[ObjectKey]) -> str:
    if not missing:
        return ""
    message = f"objects of Kubeflow {release} are missing: {_names(missing)}"
    fix = "use the release's own manifests"
    absent = components.missing_components(release, missing)
    if absent:
        fix += f", or exclude them: add {' '.join(absent)} to excluded-components"
    short = f"objects of Kubeflow {release} are missing; use its manifests, or exclude components"
    return Message(f"{message}; {fix}", short)


def _describe_foreign(present: Collection[ObjectKey], release: str) -> str:
    """Describe objects that only another release has; a site's own are in no inventory."""
    if components.exclusive_objects(release, []) is None:
        return ""
    unexpected = set(present) - inventory.load(release).object_keys()
    for candidate in reversed(all_releases()):
        foreign = unexpected & inventory.load(candidate.name).object_keys()
        if foreign:
            return (
                f"some objects belong to Kubeflow {candidate.name}, not {release}:"
                f" {_names(foreign)}; use the manifests of {release}"
            )
    return ""


def _names(keys: Collection[ObjectKey]) -> str:
    return summarize(
        [
            f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
            for kind, namespace, name in sorted(keys)
        ]
    )
