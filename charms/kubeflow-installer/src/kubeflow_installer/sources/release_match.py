"""Whether the manifests at hand are those of the release that they are installed as.

What is fetched is held against the digest of its release. What people attach or pin may be another
release's or a part of one: an archive is known by its git tree, what is built by its objects.
"""

import tempfile
from typing import Any, Collection, Dict, Iterable

from kubeflow_installer.releases import inventory
from kubeflow_installer.releases.inventory import Row
from kubeflow_installer.releases.table import RELEASES, Release
from kubeflow_installer.sources import archive, files
from labcharm.text import some

Object = Dict[str, Any]


def of_archive(path: str, release: Release) -> str:
    """Say that an archive is another release's, unchanged; empty for its own, or for one of a lab.

    Args:
        path: The archive, or a YAML, of which nothing is said.
        release: What it is to be installed as.
    """
    if not archive.is_archive(path):
        return ""
    try:
        with tempfile.TemporaryDirectory() as folder:
            digest = "tree:" + files.tree(archive.unpack(path, folder))
    except archive.ArchiveError:
        return ""  # who builds it says so
    known = {one.archives["manifests"].digest: one.name for one in RELEASES}
    name = known.get(digest, release.name)
    if name == release.name:
        return ""
    told = "those at hand are of Kubeflow %s, not of %s; attach the archive of that"
    return told % (name, release.name)


def of_objects(found: Iterable[Object], release: str, excluded: Iterable[str]) -> str:
    """Say what of a release is lacking, or is only of another one; empty where all is right.

    Args:
        found: What the manifests hold.
        release: What they are to be installed as.
        excluded: The components that the site leaves out.
    """
    here = {inventory.row_of(one) for one in found}
    told = _told_of(release, inventory.lacking(release, excluded, here))
    return told or _only_of_another(here, release)


def _only_of_another(here: Collection[Row], release: str) -> str:
    """Say what is of no table but another's: what a lab adds of its own is of none."""
    if inventory.brought(release, []) is None:
        return ""
    strange = set(here) - inventory.rows(inventory.load(release))
    for one in reversed(RELEASES):
        theirs = strange & inventory.rows(inventory.load(one.name))
        if theirs:
            told = "those at hand hold %s, which Kubeflow %s has and %s has not; take its own"
            return told % (_named(theirs), one.name, release)
    return ""


def _told_of(release: str, missing: Collection[Row]) -> str:
    """Say what objects of a release the manifests lack, and what to do; empty without any."""
    if not missing:
        return ""
    told = "those at hand lack of Kubeflow %s: %s" % (release, _named(missing))
    gone = inventory.components(release, missing)
    mend = "; take those of the release"
    if gone:
        mend += ", or where that is meant, put %s into excluded-components" % " ".join(gone)
    return told + mend


def _named(found: Collection[Row]) -> str:
    return some(["%s %s" % (kind, "/".join(place for place in places if place))
                 for kind, *places in sorted(found)])  # fmt: skip
