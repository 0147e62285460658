"""The command `botlab wait`, with a model in memory."""

from __future__ import annotations

import json

import pytest

from botlab.cli.commands.wait import run
from botlab.cli.parser import build_parser
from botlab.errors import BotlabError
from botlab.live.status.model import StatusInfo
from helpers.live_models import (
    EXAMPLES,
    FakeModel,
    connection_to,
    example_lab,
    ready_status,
    with_unit,
)

SITE = str(EXAMPLES / "modern" / "site.yaml")
READY = ready_status(example_lab())
FAILED = with_unit(READY, "etcd/0", workload=StatusInfo("error", 'hook failed: "install"'))


def wait(model: FakeModel, *options: str) -> int:
    """Run the command."""
    args = build_parser().parse_args(["wait", SITE, *options])
    return run(args, connection_to(model))


def test_ready_lab_has_exit_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    model = FakeModel([READY])

    assert wait(model) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "modern is ready: 5 machines, 12 applications, 24 units (waited 0s)"
    )
    assert model.is_closed


def test_lab_that_is_late_has_exit_status_3_and_names_what_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert wait(FakeModel([FAILED]), "--timeout", "1s") == 3

    lines = capsys.readouterr().out.splitlines()
    assert lines[-4:] == [
        "modern is not ready after 1s: the time is over; not ready: etcd/0",
        '  etcd/0 error: hook failed: "install"',
        "      fix: read the error in juju debug-log -m ctrl:modern --replay --include etcd/0,"
        " correct the cause, then run: juju resolved etcd/0 -m ctrl:modern",
        "To continue the wait, run the same command again.",
    ]


def test_json_is_alone_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert wait(FakeModel([FAILED]), "--timeout", "1s", "--format", "json") == 3

    printed = capsys.readouterr()
    assert json.loads(printed.out)["result"] == "timed-out"
    assert "etcd: 2 of 3 ready; etcd/0 error" in printed.err


def test_wrong_timeout_is_an_error_before_anything_is_read() -> None:
    with pytest.raises(BotlabError, match=r"--timeout: 'soon' is not a duration"):
        wait(FakeModel(), "--timeout", "soon")
