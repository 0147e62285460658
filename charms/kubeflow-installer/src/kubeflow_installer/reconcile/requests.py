"""Makes the request: the release's files, the options and the credentials of an installation."""

from typing import Dict, List, NamedTuple

from kubeflow_installer.installation import Kubeflow, Site
from kubeflow_installer.methods import objects as methods
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.preflight import preflight
from kubeflow_installer.preflight.problems import (
    BlockingChecksError,
    PassingChecksError,
    Problem,
    describe,
)
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release
from kubeflow_installer.state import storage_passwords
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.state.store import INSTALLED, State
from kubeflow_installer.transform.transform import GATEWAY_SECRET, SiteSettings
from labcharm.errors import CharmError, WaitingError


class Files(NamedTuple):
    """The files at hand, or why there are none and whether that may clear by itself."""

    paths: Dict[str, str]
    problems: List[Problem]
    may_clear: bool


def make(
    kubeflow: Kubeflow, release: Release, state: State, is_checked: bool, adopt: bool = False
) -> InstallRequest:
    """Make the request.

    An existing installation needs its files only for changes.

    Args:
        kubeflow: The application's Kubeflow.
        release: The release.
        state: What is installed.
        is_checked: Whether to run the preflight checks.
        adopt: Whether foreign objects are adopted, so that they are no problem.

    Raises:
        BlockedError: With everything that is missing.
        WaitingError: With everything that is missing, when all of it may clear by itself.
    """
    site = kubeflow.site
    files = find_files(site, release)
    problems, may_clear, missing = files.problems, files.may_clear, ""
    if state.phase == INSTALLED:
        missing = describe(problem for problem in problems if problem.name == "files")
        problems = [problem for problem in problems if problem.name != "files"]
    if is_checked:
        failed = preflight.problems(kubeflow, release, files.paths, adopt)
        problems, may_clear = problems + failed, may_clear and not failed
    if problems:
        raise (PassingChecksError if may_clear else BlockingChecksError)(problems)
    credentials = site.credentials()
    settings = _site_settings(kubeflow, release, credentials)
    return InstallRequest(
        release, files.paths, missing, site.sources.digest(release), site.options, credentials,
        state.user or credentials.user, settings, site.access, kubeflow.application,
    )  # fmt: skip


def find_files(site: Site, release: Release) -> Files:
    """Find a release's files: attached, pinned or downloaded."""
    try:
        methods.check_options(release, site.options)
    except CharmError as error:
        return Files({}, [Problem("options", str(error))], False)
    try:
        return Files(site.sources.fetch(release), [], True)
    except CharmError as error:
        return Files({}, [Problem("files", str(error))], isinstance(error, WaitingError))


def _site_settings(kubeflow: Kubeflow, release: Release, credentials: Credentials) -> SiteSettings:
    options, is_kfctl = kubeflow.site.options, release.method == table.KFCTL
    # Up to Istio 1.3, which kfctl installs, the gateway reads its certificate from files.
    credential = "" if is_kfctl else GATEWAY_SECRET
    return SiteSettings(
        options.registry, options.gpu_vendor, options.tolerations, credentials.user,
        credentials.password_hash, credentials.key, options.hostname, credential,
        options.overrides, () if is_kfctl else storage_passwords.read(kubeflow.api),
    )  # fmt: skip
