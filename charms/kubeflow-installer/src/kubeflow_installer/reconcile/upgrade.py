"""Plans the move to another release, and starts it."""

from typing import List, NamedTuple, Optional, Sequence

from kubeflow_installer.installation import Kubeflow
from kubeflow_installer.methods.request import InstallRequest
from kubeflow_installer.preflight import preflight
from kubeflow_installer.preflight.problems import Problem
from kubeflow_installer.reconcile import desired, requests
from kubeflow_installer.reconcile.comparison import Report, compare
from kubeflow_installer.releases import table, upgrade_paths
from kubeflow_installer.releases.table import Release
from kubeflow_installer.state import store
from kubeflow_installer.state.store import NOTHING, UNINSTALLING
from labcharm.json_types import JsonObject

_UNINSTALLING = "Kubeflow is being uninstalled; install the other release when that is complete"
_NOT_INSTALLED = 'nothing is installed; run the action "install"'


class Plan(NamedTuple):
    """What a move to another release would do.

    Attributes:
        before: The installed release.
        after: The other release.
        report: What would change; None when that is not known beforehand.
        refused: Why this move is not possible; empty if it is.
        problems: Failed preflight checks, as before an installation.
    """

    before: str
    after: str
    report: Optional[Report] = None
    refused: str = ""
    problems: Sequence[str] = ()


def plan(kubeflow: Kubeflow, version: str) -> Plan:
    """Return what a move to another release would change, and what prevents it.

    Nobody knows what kfctl makes before it runs, so its plan contains no objects.

    Args:
        kubeflow: The application's Kubeflow.
        version: The other release; empty for that of the option `version`.

    Raises:
        ReleaseError: When the release is unknown, or does not fit the server.
        BlockedError: When its files cannot be read, with all failed checks.
        WaitingError: When that may clear by itself.
    """
    state = kubeflow.store.read()
    after = table.choose(kubeflow.api.version(), version or kubeflow.site.options.version)
    if not state.phase:
        return Plan("", after.name, refused=_NOT_INSTALLED)
    before = kubeflow.release(state)
    is_uninstalling = state.phase == UNINSTALLING
    refused = _UNINSTALLING if is_uninstalling else upgrade_paths.refusal(before, after)
    if refused:
        return Plan(before.name, after.name, refused=refused)
    request = _request(kubeflow, after, state.adopt)
    problems = preflight.problems(kubeflow, after, request.files, state.adopt)
    report = None
    if after.method != table.KFCTL:
        objects = desired.desired_state(kubeflow, request, NOTHING).objects
        problems += _manifest_problems(kubeflow, objects, after, problems)
        report = compare(kubeflow, after, objects)
    return Plan(before.name, after.name, report, "", [str(problem) for problem in problems])


def _manifest_problems(
    kubeflow: Kubeflow, objects: List[JsonObject], after: Release, problems: List[Problem]
) -> List[Problem]:
    """Check the objects, except for what was found to be wrong before they were built."""
    known = {problem.name for problem in problems}
    failed = preflight.object_problems(objects, after, kubeflow.site.options)
    return [problem for problem in failed if problem.name not in known]


def _request(kubeflow: Kubeflow, after: Release, adopt: bool) -> InstallRequest:
    """Return what a release would be made from; if files are missing, run all checks as well.

    Raises:
        BlockedError: With everything that is missing, not only the files.
        WaitingError: When all of it may clear by itself.
    """
    is_missing = bool(requests.find_files(kubeflow.site, after).problems)
    return requests.make(kubeflow, after, NOTHING, is_missing, adopt)


def start(kubeflow: Kubeflow, release: str) -> None:
    """Store that another release is desired from now on; `loop.reconcile` installs it."""
    state = kubeflow.store.read()
    kubeflow.store.write(store.new_state(release, state.adopt, state.user))
