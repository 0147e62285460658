"""The releases of Kubeflow that this charm installs, how, and which of them fits a server.

A further release is a row of this table, and its KfDef or inventory beside it. Sources: the
support tables of kubeflow/website (branches v0.6 to v1.2), the README and release page of each
manifests release. Archives of sources are known by the git tree of their commit, since GitHub does
not promise the bytes of the archives that it makes; kustomize by the SHA-256 in its release's
checksums. kfctl's releases come without checksums, so kfctl is attached, or pinned by an option.
"""

from typing import Dict, List, NamedTuple, Optional, Tuple

from labkube.charm import releases
from labkube.charm.releases import ReleaseError

Version = Tuple[int, int]
KFCTL, MANIFESTS = "kfctl", "manifests"
# Where an archive is, and what it is known by: sha256:HEX of the file, or tree:HEX of git.
Archive = NamedTuple("Archive", [("url", str), ("digest", str)])
Release = NamedTuple(
    "Release",
    [
        ("name", str),
        ("method", str),
        # Servers that have the API versions of its objects; the newest is None without a limit.
        ("oldest", Version),
        ("newest", Optional[Version]),
        # Servers that upstream names: tested, compatible, or without known issues.
        ("documented", Tuple[Version, Version]),
        # Whether its Istio asks for service account tokens with an audience.
        ("projection", bool),
        # What nodes must have: CPUs, memory in GiB, disk in GB, which is 0 where upstream names
        # none; of one node, or of all together.
        ("cpu", float),
        ("memory", float),
        ("disk", float),
        ("whole", bool),
        ("archives", Dict[str, Archive]),
    ],
)
NUMBER = Tuple[int, ...]
_CODE = "https://codeload.github.com/kubeflow/%s/tar.gz/%s"
_KFCTL = "https://github.com/kubeflow/%s/releases/download/v%s/kfctl_%s_linux.tar.gz"
_KUSTOMIZE = (
    "https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize/v%s/"
    "kustomize_v%s_linux_%s.tar.gz"
)
# What the README of each manifests release names: 26.03 the second, 1.11.0 the first, and those
# before an earlier 5.x, whose manifests the first builds too.
_BUILDERS = {
    "5.7.1": {
        "amd64": "ea375e7372f9aa029129d4b2d16c66b7750b7f1213c4f66f910d981c895818d8",
        "arm64": "4261a040217df3bd6896597c3986d1465925726e4f22a945304b5233a4dcdbda",
    },
    "5.8.1": {
        "amd64": "029a7f0f4e1932c52a0476cf02a0fd855c0bb85694b82c338fc648dcb53a819d",
        "arm64": "0953ea3e476f66d6ddfcd911d750f5167b9365aa9491b2326398e289fef2c142",
    },
}


def _kfctl(
    name: str,
    documented: Tuple[Version, Version],
    newest: Version,
    program: Tuple[str, str],
    commit: Tuple[str, str],
    platform: Optional[Tuple[str, str]] = None,
) -> Release:
    """Make a row of a kfctl release; the node's figures are those of the docs 0.6 to 1.0."""
    archives = {
        KFCTL: Archive(_KFCTL % (program[0], name, program[1]), ""),
        MANIFESTS: _sources("manifests", commit),
    }
    if platform:
        archives["platform"] = _sources("kubeflow", platform)
    projection = _number(name) >= (1, 0)
    return Release(
        name, KFCTL, (1, 11), newest, documented, projection, 4, 12, 50, False, archives
    )  # fmt: skip


def _manifests(
    name: str,
    documented: Tuple[Version, Version],
    commit: Tuple[str, str],
    oldest: Version,
    newest: Optional[Version] = None,
    builder: str = "5.7.1",
) -> Release:
    """Make a row of a manifests release.

    The figures are the totals of upstream's README (the larger of requests and use). Its 65 GB are
    those of the claims, which lie where the StorageClass puts them; it names no disk of nodes.
    """
    archives = dict(_kustomize(builder), manifests=_sources("manifests", commit))
    return Release(
        name, MANIFESTS, oldest, newest, documented, True, 4.4, 12.3, 0, True, archives
    )  # fmt: skip


def _kustomize(version: str) -> Dict[str, Archive]:
    return {
        "kustomize-" + name: Archive(_KUSTOMIZE % (version, version, name), "sha256:" + digest)
        for name, digest in _BUILDERS[version].items()
    }


def _sources(repository: str, commit: Tuple[str, str]) -> Archive:
    return Archive(_CODE % (repository, commit[0]), "tree:" + commit[1])


def _number(name: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in name.split("."))


RELEASES = (
    # Deployments of extensions/v1beta1 end with 1.15. For 1.13 upstream's statements contradict
    # each other; the guide's lab ran it there.
    _kfctl(
        "0.6.2", ((1, 14), (1, 15)), (1, 15), ("kubeflow", "v0.6.2"),
        ("56e2fb15db286198f7a53723cb1fbfecf3fe83fb", "dc1d7d9d43efb1ba4d41b6ed8fe8436dfc4c46a2"),
        ("77381fe66ae7bb1e83a48beacf7f3c20b4c289d8", "1b81e5ade7ae4eb2052f968343e6894ef995710d"),
    ),
    _kfctl(
        "0.7.1", ((1, 14), (1, 15)), (1, 15), ("kfctl", "v0.7.1-2-g55f9b2a"),
        ("c815d569064efccace5c1ba993d1af2399057541", "5c85c66eac6a6f6d4d6ecfac4d862b473ea05fd6"),
    ),
    # Definitions and webhooks of v1beta1 end with 1.21.
    _kfctl(
        "1.0.2", ((1, 14), (1, 18)), (1, 21), ("kfctl", "v1.0.2-0-ga476281"),
        ("55d1a9c84ca796f9a098bbeec406acbdcfa6aebe", "9e0d8dcf2d58bdd1cd766d241b9939157d1e3e64"),
    ),
    _kfctl(
        "1.2.0", ((1, 14), (1, 18)), (1, 21), ("kfctl", "v1.2.0-0-gbc038f9"),
        ("da561762dde5ef8e70ed27aa028b61711c1c4231", "417aa6d7d6f3b61a7d1c09c5e0fc865d3eb32a32"),
    ),
    _manifests(
        "1.7.0", ((1, 24), (1, 25)),
        ("14c0f9abe70c4d0ce3e021a5839a7cdd54dc572d", "2e25a0a109dc043ac998a25589ce26f856c6c879"),
        (1, 22), (1, 25),
    ),
    _manifests(
        "1.8.1", ((1, 25), (1, 27)),
        ("a925b2968e68f3085092adc04e9af39d4f5045f3", "d4e40f0b42054436a77b80a28734380ba4ad35c0"),
        (1, 23),
    ),
    _manifests(
        "1.9.1", ((1, 29), (1, 29)),
        ("b68bb751c3e067f4a23bad6b9b2c6720645bf266", "149103a0eb4f54cd9bf2559587ac366346fdde11"),
        (1, 25),
    ),
    _manifests(
        "1.10.2", ((1, 32), (1, 32)),
        ("d8d643f1a736b28c525bd9b8ee5c9b2f4a661b39", "1d2eab2621dd369c05908ea489bff788d2b6e4a0"),
        (1, 25),
    ),
    _manifests(
        "1.11.0", ((1, 32), (1, 34)),
        ("854bd3a21044f767204def71b2dcda83e376891f", "457e3b7354a6a7425e88353f5490bb6df80e61f1"),
        (1, 25),
    ),
    _manifests(
        "26.03", ((1, 34), (1, 36)),
        ("d68ebc7fab366ab40ddd1541d2ec22febb31bc83", "7db24853841f1a7723639f5a2a65bd37150a29df"),
        (1, 28), builder="5.8.1",
    ),
)  # fmt: skip
# What is taken when nothing is asked for, by the oldest server that it is taken on.
_DEFAULTS = (
    ((1, 34), "26.03"),
    ((1, 33), "1.11.0"),
    ((1, 31), "1.10.2"),
    ((1, 28), "1.9.1"),
    ((1, 25), "1.8.1"),
    ((1, 22), "1.7.0"),
    ((1, 17), "1.2.0"),
    ((1, 14), "1.0.2"),
    ((1, 13), "0.6.2"),
)


def find(name: str) -> Release:
    """Return a release by its name, `v` or not.

    Raises:
        ReleaseError: When there is none.
    """
    for release in RELEASES:
        if release.name == name.lstrip("v"):
            return release
    known = ", ".join(release.name for release in RELEASES)
    raise ReleaseError("version is %r, which is not known here; use one of %s" % (name, known))


def titled(release: Release) -> str:
    """Return what people call a release."""
    return "Kubeflow %s" % release.name


def choose(server: Version, wish: str) -> Release:
    """Return the release for a server: the one that is asked for, or the one that fits.

    Raises:
        ReleaseError: When none fits; with those that do.
    """
    found: Release = releases.choose(server, wish, _DEFAULTS, RELEASES, find)
    return found


def fits(release: Release, server: Version) -> bool:
    """Tell whether a server has the API versions of a release's objects."""
    return releases.fits(release, server)


def fitting(server: Version) -> List[str]:
    """Name the releases that a server takes."""
    return releases.fitting(RELEASES, server)


def doubt(release: Release, server: Version) -> str:
    """Say where upstream makes no statement for a release on a server; empty where it does."""
    low, high = release.documented
    if low <= server <= high:
        return ""
    told = "upstream names Kubernetes %d.%d to %d.%d for Kubeflow %s, not %d.%d"
    return told % (low + high + (release.name,) + server)


def follows(before: Release, after: Release) -> str:
    """Say why upstream does not support a move from a release to another; empty where it does.

    kfctl upgrades within 1.x (docs 1.1: "kfctl apply" of an upgrade, from 1.0 on); nothing leads
    out of 0.x, and nothing from kfctl's releases to the manifests'. The manifests' own page: the
    next release is applied over the one before it; so a move over several is one after the other.
    """
    if _number(before.name) > _number(after.name):
        return "upstream has no way back from %s to %s" % (before.name, after.name)
    if before.method != after.method or _number(before.name) < (1, 0):
        told = "upstream has no way from %s to %s; uninstall (volumes are kept), then install"
        return told % (before.name, after.name)
    between = [
        one.name
        for one in RELEASES
        if one.method == after.method and _number(before.name) < _number(one.name)
        and _number(one.name) < _number(after.name)
    ]  # fmt: skip
    if between:
        told = "upstream moves to the next release alone: from %s to %s by way of %s"
        return told % (before.name, after.name, ", ".join(between))
    return ""
