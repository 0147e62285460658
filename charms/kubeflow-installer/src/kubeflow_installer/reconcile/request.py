"""What an installation is made from: the release's files, options, credentials, all in one."""

from typing import Dict, List, Tuple

from kubeflow_installer import methods
from kubeflow_installer.errors import BlockedError, WaitingError
from kubeflow_installer.installation import Kubeflow, Site
from kubeflow_installer.methods import MethodError, Request
from kubeflow_installer.options import Options
from kubeflow_installer.preflight import preflight
from kubeflow_installer.preflight.checks import Problem
from kubeflow_installer.releases import table
from kubeflow_installer.releases.table import Release
from kubeflow_installer.sources.files import SourceError
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.state.store import INSTALLED, State
from kubeflow_installer.transform import transform


def request(
    kubeflow: Kubeflow, release: Release, state: State, looks: bool, adopt: bool = False
) -> Request:
    """Put together what an installation is made from.

    What is installed goes on without its files: they are needed for a change alone.

    Args:
        kubeflow: What is there, and the site.
        release: The release.
        state: How far it is.
        looks: Whether the preconditions are looked at.
        adopt: Whether objects of others are none of them.

    Raises:
        BlockedError, WaitingError: With everything that is missing.
    """
    site = kubeflow.site
    files, problems, passes = _files(site, release)
    missing = ""
    if state.phase == INSTALLED:
        missing = "; ".join("%s: %s" % one for one in problems if one.name == "files")
        problems = [one for one in problems if one.name != "files"]
    if looks:
        found = preflight.problems(kubeflow, release, files, adopt)
        problems, passes = problems + found, passes and not found
    if problems:
        told = "; ".join("%s: %s" % problem for problem in problems)
        raise (WaitingError if passes else BlockedError)(told)
    credentials = site.credentials()
    return Request(
        release, files, missing, site.sources.digest(release), site.options, credentials,
        state.user or credentials.user, _fitting(site.options, release, credentials), site.access,
        site.application,
    )  # fmt: skip


def _files(site: Site, release: Release) -> Tuple[Dict[str, str], List[Problem], bool]:
    """Return the files, or why they cannot be had and whether that passes."""
    try:
        methods.check(release, site.options)
        return site.sources.files(release), [], True
    except MethodError as error:
        return {}, [Problem("options", str(error))], False
    except SourceError as error:
        return {}, [Problem("files", str(error))], error.passes


def _fitting(options: Options, release: Release, credentials: Credentials) -> transform.Fitting:
    # Up to Istio 1.3, which kfctl brings, the gateway reads its certificate from files.
    credential = "" if release.method == table.KFCTL else transform.CREDENTIAL
    return transform.Fitting(
        options.registry, options.gpu_vendor, options.tolerations, credentials.user,
        credentials.password_hash, options.hostname, credential,
    )  # fmt: skip
