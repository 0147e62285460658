"""Durations that people write, deadlines, and the errors of calls without time."""

from __future__ import annotations

import pytest

from botlab.errors import BotlabError
from botlab.live.errors import CallTimedOutError, CommandFailedError, DeadlineError
from botlab.live.time_limits import Deadline, deadline_error, parse_duration, require_time
from helpers.fake_time import FakeTime


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1", 1), ("90", 90), ("90s", 90), ("30m", 1800), ("2h", 7200), ("999999", 999999)],
)
def test_duration_is_a_number_with_a_unit(text: str, seconds: float) -> None:
    """Without a unit, it is a number of seconds."""
    assert parse_duration(text, "--timeout") == seconds


@pytest.mark.parametrize(
    "text", ["", "0", "0m", "-1", "1d", "1.5h", "s", "1 m", "1000000", "²", "٣", "10M"]
)
def test_other_text_is_no_duration(text: str) -> None:
    """The message names the option."""
    with pytest.raises(BotlabError) as raised:
        parse_duration(text, "--timeout")
    assert str(raised.value) == (
        f"--timeout: {text!r} is not a duration; write a number of seconds, or a number with the"
        " unit s, m or h, such as 90s, 30m or 2h"
    )


def test_deadline_is_over_when_its_seconds_have_passed() -> None:
    time = FakeTime()
    deadline = Deadline(10, time.clock.now)
    assert (deadline.remaining, deadline.is_over) == (10, False)
    require_time(deadline)

    time.clock.sleep(10)
    assert (deadline.remaining, deadline.is_over) == (0, True)
    time.clock.sleep(5)
    assert (deadline.remaining, deadline.is_over) == (0, True)
    with pytest.raises(DeadlineError) as raised:
        require_time(deadline)
    assert raised.value.exit_status == 3
    assert str(raised.value) == str(deadline_error())


def test_deadline_without_seconds_never_ends() -> None:
    deadline = Deadline(None)

    assert (deadline.remaining, deadline.is_over) == (None, False)
    require_time(deadline)


def test_errors_of_calls_name_the_call() -> None:
    """A message of Juju with several lines becomes one."""
    late = CallTimedOutError("juju status", 30)
    assert str(late) == (
        "juju status: no answer within 30 seconds; check that the controller is up (juju"
        " show-controller) and repeat the command"
    )
    assert (late.call, late.seconds, late.exit_status) == ("juju status", 30, 2)
    failed = CommandFailedError("juju deploy", 1, "ERROR no\n  charm\n")
    assert str(failed) == "juju deploy: ERROR no charm"
    assert (failed.status, failed.output) == (1, "ERROR no\n  charm\n")
    silent = CommandFailedError("juju deploy", 7, " \n")
    assert str(silent) == "juju deploy: exit status 7, without a message"
