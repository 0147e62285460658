"""Upstream's manifest from 0.13 on: fetched or handed in, checked, and made to fit a site.

Its definitions are large and generated, so they are not carried here.
"""

import hashlib
import io
import re
from typing import Any, Dict, List, Mapping

import yaml

from labcharm.download import DownloadError, download
from metallb.upstream.objects import POD_SECURITY, Object, Settings, policies
from metallb.upstream.releases import URL, Release, by_resources, find

_KINDS = (
    "Namespace", "CustomResourceDefinition", "ServiceAccount", "Role", "ClusterRole",
    "RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Service", "Deployment",
    "DaemonSet", "ValidatingWebhookConfiguration",
)  # fmt: skip
_LIMIT = 5 * 2**20  # bytes; the largest release has 90 kB


class ManifestError(Exception):
    """A manifest that cannot be had or used; the text says what to do."""

    def __init__(self, message: str, passes: bool = False) -> None:
        super().__init__(message)
        self.passes = passes


def fetch(url: str, digest: str, proxies: Mapping[str, str]) -> str:
    """Fetch a manifest.

    Raises:
        ManifestError: When it does not come, or is not the one that was meant.
    """
    body = io.BytesIO()
    try:
        found = download(url, body, proxies, _LIMIT)
    except DownloadError as error:
        told = "%s; attach the manifest as the resource"
        raise ManifestError(told % error, passes=True) from None
    if found != digest:
        raise ManifestError("%s has the SHA-256 %s, not %s" % (url, found, digest))
    return body.getvalue().decode("utf-8")


def source(release: Release) -> str:
    """Return where upstream keeps a release's manifest.

    Raises:
        ManifestError: When its digest is not known here, so that it cannot be trusted.
    """
    if not release.digest:
        told = "the digest of %s is not known here; set manifest-url=URL#sha256=DIGEST, or attach"
        raise ManifestError(told % release.name + " the manifest as the resource")
    return URL % release.name


def release_of(text: str) -> Release:
    """Return the release that a manifest is of, by its controller's image.

    Raises:
        ManifestError: When it names none.
    """
    found = re.search(r"image: \S*/controller:v?(\d+\.\d+\.\d+)\s", text)
    release = find("v" + found.group(1)) if found else None
    if release is None or not by_resources(release):
        raise ManifestError("the manifest holds no controller of MetalLB v0.13 or later")
    return release


def read(text: str) -> List[Object]:
    """Return a manifest's objects.

    Raises:
        ManifestError: When it is no manifest of MetalLB's native mode.
    """
    try:
        found = [one for one in yaml.safe_load_all(text) if one]
    except yaml.YAMLError:
        raise ManifestError("the manifest is no YAML") from None
    if not all(isinstance(one, dict) and one.get("metadata", {}).get("name") for one in found):
        raise ManifestError("the manifest holds something that is no object")
    strange = sorted({str(one.get("kind")) for one in found} - set(_KINDS))
    if strange:
        told = "the manifest holds %s; give metallb-native.yaml, unchanged"
        raise ManifestError(told % ", ".join(strange))
    return found


def fitted(found: List[Object], settings: Settings, release: Release, psp: bool) -> List[Object]:
    """Return a manifest's objects as this site and server want them.

    Args:
        found: The objects.
        settings: What the site wants of the pods.
        release: The release.
        psp: Whether the server has pod security policies, which upstream no longer brings.
    """
    kept = [_without_bundle(one) for one in found]
    for one in kept:
        if one["kind"] in ("Deployment", "DaemonSet"):
            _fit(one["spec"]["template"]["spec"], settings)
        if one["kind"] == "Namespace":
            one["metadata"]["labels"] = dict(one["metadata"].get("labels") or {}, **POD_SECURITY)
    return kept + (policies(release) if psp else [])


def _fit(pod: Dict[str, Any], settings: Settings) -> None:
    pod["nodeSelector"] = dict(pod.get("nodeSelector") or {}, **dict(settings.selector))
    extra = [dict(toleration) for toleration in settings.tolerations]
    if extra:
        pod["tolerations"] = list(pod.get("tolerations") or []) + extra
    for container in pod["containers"]:
        if settings.registry:
            name = container["image"].rpartition("/")[2]
            container["image"] = "%s/metallb/%s" % (settings.registry, name)
        container["args"] = [
            "--log-level=%s" % settings.log_level if arg.startswith("--log-level=") else arg
            for arg in container.get("args") or []
        ]


def _without_bundle(found: Any) -> Any:
    """Drop what is null, and `caBundle`: the controller writes its own over the shipped one."""
    if isinstance(found, dict):
        return {
            key: _without_bundle(value)
            for key, value in found.items()
            if key != "caBundle" and value is not None
        }
    return [_without_bundle(one) for one in found] if isinstance(found, list) else found


def is_it(text: str, digest: str) -> bool:
    """Tell whether a kept manifest is still what it was."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest() == digest
