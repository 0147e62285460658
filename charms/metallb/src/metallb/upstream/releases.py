"""The releases of MetalLB that this charm knows, and which of them fits a server.

Sources: the manifests and release notes of each tag, and the chart's `kubeVersion` from 0.13 on.
Digests are those of `config/manifests/metallb-native.yaml` at the tag.
"""

from typing import List, NamedTuple, Optional, Tuple

from labkube.charm import releases
from labkube.charm.releases import ReleaseError

Version = Tuple[int, int]
Release = NamedTuple(
    "Release",
    [
        ("name", str),
        ("number", Tuple[int, int, int]),
        ("oldest", Version),
        ("newest", Optional[Version]),
        ("images", str),
        ("digest", str),
    ],
)
# The first release that is configured by custom resources instead of a ConfigMap.
CRDS = (0, 13, 0)
_PSP_GONE = (1, 24)  # the last server with PodSecurityPolicy, which the manifests need
_HUB, _QUAY = "metallb", "quay.io/metallb"
URL = "https://raw.githubusercontent.com/metallb/metallb/%s/config/manifests/metallb-native.yaml"


def _release(name: str, oldest: Version, images: str, newest: Optional[Version] = None) -> Release:
    digest = _DIGESTS.get(name, "")
    return Release(name, _number(name), oldest, newest, images, digest)


def _number(name: str) -> Tuple[int, int, int]:
    first, second, third = (int(part) for part in name.lstrip("v").split("."))
    return (first, second, third)


_DIGESTS = {
    "v0.13.12": "a5e3b65e073ba8236cc36c283fb33260e764977c7e460d6a462347ccaa91683d",
    "v0.14.9": "951065e85692aa106f1bb5d5a487d9306154923a794ab1d82122881cbaf588e4",
    "v0.15.3": "84b4e102f2b65f5d69085f5816c29362b74641873d8ac3de996e5f86a8219176",
    "v0.16.1": "bf25feebb7582ca7df845efd52ffbc2960d6cbf4cfc972f47fded9f788b67f0b",
}
RELEASES = (
    _release("v0.8.1", (1, 13), _HUB, _PSP_GONE),
    _release("v0.8.3", (1, 13), _HUB, _PSP_GONE),
    _release("v0.9.3", (1, 13), _HUB, _PSP_GONE),
    _release("v0.9.6", (1, 14), _HUB, _PSP_GONE),
    _release("v0.9.8", (1, 14), _QUAY, _PSP_GONE),
    _release("v0.10.3", (1, 14), _QUAY, _PSP_GONE),
    _release("v0.11.0", (1, 14), _QUAY, _PSP_GONE),
    _release("v0.12.1", (1, 14), _QUAY, _PSP_GONE),
    _release("v0.13.12", (1, 19), _QUAY),
    _release("v0.14.9", (1, 23), _QUAY),
    _release("v0.15.3", (1, 23), _QUAY),
    _release("v0.16.1", (1, 23), _QUAY),
)
# What is taken when nothing is asked for: on 1.13 the release that Kubeflow's page on bare metal
# names (docs 0.6, kubeflow-on-multinode-cluster); then the newest that a ConfigMap configures; on
# 1.21 and 1.22 the newest whose definitions carry no validation rules, which servers before 1.23
# do not know; from there on the newest.
_DEFAULTS = (
    ((1, 23), "v0.16.1"),
    ((1, 21), "v0.13.12"),
    ((1, 14), "v0.12.1"),
    ((1, 13), "v0.8.1"),
)


def find(name: str) -> Release:
    """Return a release by name, `v` or not; one of custom resources need not be in the table.

    Raises:
        ReleaseError: When there is none.
    """
    wanted = "v" + name.lstrip("v")
    for release in RELEASES:
        if release.name == wanted:
            return release
    try:
        number = _number(wanted)
    except ValueError:
        raise ReleaseError("version is %r; write one such as v0.12.1" % name) from None
    if number < CRDS:
        known = ", ".join(release.name for release in RELEASES)
        raise ReleaseError("version %s is not known here; use one of %s" % (wanted, known))
    return _release(wanted, (1, 19) if number < (0, 14, 0) else (1, 23), _QUAY)


def choose(server: Version, wish: str) -> Release:
    """Return the release for a server: the one that is asked for, or the one that fits.

    Raises:
        ReleaseError: When none fits; with those that do.
    """
    found: Release = releases.choose(server, wish, _DEFAULTS, RELEASES, find)
    return found


def fits(release: Release, server: Version) -> bool:
    """Tell whether a release runs on a server."""
    return releases.fits(release, server)


def fitting(server: Version) -> List[str]:
    """Name the releases that run on a server."""
    return releases.fitting(RELEASES, server)


def by_resources(release: Release) -> bool:
    """Tell whether a release is configured by custom resources."""
    return release.number >= CRDS
