"""The checks of cluster, host, options and manifests before a release is applied."""

from typing import Iterable, List, Mapping

from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.options import Options
from kubeflow_installer.preflight import images as image_check
from kubeflow_installer.preflight.cluster_checks import ClusterChecks
from kubeflow_installer.preflight.problems import BlockingChecksError, Problem
from kubeflow_installer.releases import inventory as inventories
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import KFCTL, Release
from kubeflow_installer.sources import exclusions, release_match
from kubeflow_installer.state.store import State
from kubeflow_installer.transform import images
from kubeflow_installer.transform.site_images import SiteImages
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject


def problems(
    kubeflow: Kubeflow, release: Release, files: Mapping[str, str], adopt: bool
) -> List[Problem]:
    """Check the cluster, and the files that the site provides, before a release is applied.

    Args:
        kubeflow: The application's Kubeflow.
        release: The release.
        files: The paths of the files at hand.
        adopt: Whether foreign objects are adopted, so that they are no problem.
    """
    site = kubeflow.site
    skipped = site.options.skipped
    failed = _cluster_checks(kubeflow, release).problems(skipped, adopt)
    # Built manifests show the images of a release that the site has changed.
    is_changed = bool(exclusions.effective(site.options.excluded))
    is_changed = is_changed or site.sources.is_provided_by_site("manifests")
    if release.method == KFCTL or not is_changed:
        failed += image_problems(inventories.load(release.name).images, site.options)
    path = files.get("manifests", "")
    if path and site.sources.is_provided_by_site("manifests") and "manifests" not in skipped:
        mismatch = release_match.archive_mismatch(path, release)
        failed += [Problem("manifests", mismatch)] if mismatch else []
    return failed


def object_problems(
    objects: List[JsonObject], release: Release, options: Options
) -> List[Problem]:
    """Check whether built manifests are the release, and whether their images can be pulled."""
    if release.method == KFCTL:
        return []
    failed = image_problems(images.images_of(objects), options)
    if "manifests" not in options.skipped:
        mismatch = release_match.objects_mismatch(objects, release.name, options.excluded)
        failed += [Problem("manifests", mismatch)] if mismatch else []
    return failed


def image_problems(names: Iterable[str], options: Options) -> List[Problem]:
    """Check whether images, as upstream names them, can be pulled."""
    if "images" in options.skipped:
        return []
    site = SiteImages(options.registry, options.overrides)
    return [Problem("images", message) for message in image_check.problems(names, site)]


def require_release_objects(objects: List[JsonObject], request: InstallRequest) -> None:
    """Check built manifests before any of them is applied.

    Raises:
        BlockedError: When they are not the requested release, or name images that are gone.
    """
    failed = object_problems(objects, request.release, request.options)
    if failed:
        raise BlockingChecksError(failed)


def require_supported_server(kubeflow: Kubeflow, release: Release, state: State) -> None:
    """Check whether the server still fits the installed release.

    Raises:
        BlockedError: When the server lacks API versions of the release's objects.
    """
    server = kubeflow.api.version()
    if not state.phase or table.fits(release, server):
        return
    first, last = (_text(version) for version in (release.oldest, release.newest or server))
    change = "uninstall and install" if release.method == KFCTL else "upgrade Kubeflow to"
    fitting = ", ".join(table.fitting(server))
    alternative = f", or {change} {fitting}" if fitting else ""
    raise BlockedError(
        f"{release.title} fits Kubernetes {first} to {last}, not {_text(server)}; downgrade"
        f" Kubernetes{alternative}"
    )


def _text(version: table.Version) -> str:
    return f"{version[0]}.{version[1]}"


def _cluster_checks(kubeflow: Kubeflow, release: Release) -> ClusterChecks:
    return ClusterChecks(
        kubeflow.api, kubeflow.objects, release, inventories.load(release.name),
        kubeflow.host.machine, kubeflow.sleep, excluded=kubeflow.site.options.excluded,
    )  # fmt: skip
