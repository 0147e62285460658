"""The status that an error leads to."""

from __future__ import annotations

import pytest

from labcharm.download import DownloadError
from labcharm.errors import WaitingError
from labcharm.machine import CommandError, CommandResult
from labcharm.status import status_of
from labcharm.validators import OptionProblem, OptionsError, read_pinned_url, read_registry
from labkube.apply.objects import ForeignObjectError
from labkube.charm.releases import ReleaseError
from labkube.client.access import IncompleteAccessError
from labkube.client.api import ApiError
from labkube.client.kubeconfig import KubeconfigError

BLOCKED = [
    (OptionsError(["pools is empty", "port is 0"]), "pools is empty; port is 0"),
    (KubeconfigError("the user has no token"), "option kubeconfig: the user has no token"),
    (
        ForeignObjectError(["ConfigMap a/b"], "remove it"),
        "not made by this application: ConfigMap a/b; remove it",
    ),
    (ReleaseError("version v9 is not known", "v9", ["v1"]), "version v9 is not known"),
]
WAITING = [
    (IncompleteAccessError(["no token", "no CA"]), "no token; no CA"),
    (ApiError(503, "", "try later"), "try later"),
    (ApiError(503, "", ""), "status 503"),
    (WaitingError("no peer relation"), "no peer relation"),
    (DownloadError("http://h/f", "is larger than 5 bytes"), "http://h/f is larger than 5 bytes"),
    (
        CommandError("apt-get", CommandResult(100, "", "E: first\nE: last\n")),
        "apt-get ended with 100: E: last; the next hook tries again",
    ),
    (OSError(28, "No space left"), "No space left; the next hook tries again"),
    (OSError(2, "No such file", "/nfsroot"), "/nfsroot: No such file; the next hook tries again"),
    (OSError("timed out"), "timed out; the next hook tries again"),
]


@pytest.mark.parametrize(("error", "message"), BLOCKED)
def test_error_of_the_administrator_blocks(error: Exception, message: str) -> None:
    status = status_of(error)
    assert (status.name, status.message) == ("blocked", message)


@pytest.mark.parametrize(("error", "message"), WAITING)
def test_error_that_may_clear_waits(error: Exception, message: str) -> None:
    status = status_of(error)
    assert (status.name, status.message) == ("waiting", message)


def test_option_problem_knows_its_parts() -> None:
    problems: list[str] = []
    read_registry("http://r:5000", problems)
    read_pinned_url("manifest-url", "http://h/f", problems)

    assert problems == [
        "image-registry is 'http://r:5000'; write HOST:PORT/PATH without a scheme",
        "manifest-url is 'http://h/f'; write URL#sha256=DIGEST (64 hex digits)",
    ]
    problem = problems[1]
    assert isinstance(problem, OptionProblem)
    assert (problem.option, problem.rule) == ("manifest-url", "is 'http://h/f'")
    assert problem.fix == "write URL#sha256=DIGEST (64 hex digits)"
