"""Who agrees to which changes of a model."""

from __future__ import annotations

import pytest

from botlab.live.deploy.consent import Consent
from botlab.live.deploy.steps import StepOutcome, StepStatus


class Answers:
    """A dialogue with a person who always gives the same answer.

    Args:
        answer: The answer.
    """

    def __init__(self, answer: bool) -> None:
        self._answer = answer
        self.questions: list[str] = []
        self.lines: list[str] = []

    def show(self, line: str = "") -> None:
        """Keep a line."""
        self.lines.append(line)

    def confirm(self, question: str) -> bool:
        """Keep the question, and return the answer."""
        self.questions.append(question)
        return self._answer


@pytest.mark.parametrize("answer", [True, False])
def test_person_decides_about_each_change_without_a_consent_in_advance(answer: bool) -> None:
    """Also with --remove alone."""
    for includes_removals in (False, True):
        answers = Answers(answer)
        consent = Consent(answers, includes_removals=includes_removals)

        assert consent.to("Deploy?") is answer
        assert consent.to_removals("Remove?") is answer
        assert answers.questions == ["Deploy?", "Remove?"]


@pytest.mark.parametrize("includes_removals", [True, False])
def test_consent_in_advance_asks_nothing_and_removes_only_with_the_other_option(
    includes_removals: bool,
) -> None:
    answers = Answers(False)
    consent = Consent(answers, is_given=True, includes_removals=includes_removals)

    assert consent.to("Deploy?")
    assert consent.to_removals("Remove?") is includes_removals
    assert answers.questions == []


def test_lines_are_shown_in_order() -> None:
    answers = Answers(False)
    Consent(answers).show(["a", "", "b"])

    assert answers.lines == ["a", "", "b"]


@pytest.mark.parametrize(
    ("status", "text", "exit_status"),
    [
        (StepStatus.DONE, "done", 0),
        (StepStatus.SKIPPED, "skipped", 0),
        (StepStatus.FAILED, "failed", 1),
        (StepStatus.TIMED_OUT, "timed out", 3),
    ],
)
def test_outcome_of_a_step_has_an_exit_status_and_json(
    status: StepStatus, text: str, exit_status: int
) -> None:
    """The details of a step that has none are left out."""
    outcome = StepOutcome("wait", status, "m")
    detailed = StepOutcome("wait", status, "m", {"a": 1})

    assert outcome.exit_status == exit_status
    assert outcome.as_json() == {"name": "wait", "status": text, "message": "m"}
    assert detailed.as_json() == {**outcome.as_json(), "details": {"a": 1}}
