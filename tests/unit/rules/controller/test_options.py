"""Refusals of options that a charm does not have, and of values that it does not accept."""

from __future__ import annotations

import pytest

from botlab.catalogue.model import Option
from botlab.findings import path_text
from botlab.juju import Juju
from botlab.rules.controller.options import as_sent, option_problem
from helpers.refusals import charm, messages, refusals

CHARM = charm("{name: a}", "options: {port: {type: int}, name: {type: string}}")
UP_TO_3 = (Juju.V2_6, Juju.V2_9, Juju.V3_6)


@pytest.mark.parametrize("juju", UP_TO_3)
def test_unknown_option_and_wrong_type_are_refused(juju: Juju) -> None:
    """Each at its key."""
    text = "applications: {a: {charm: a, options: {colour: red, port: eighty, name: x}}}"

    findings = refusals(text, juju, {"a": CHARM})

    assert [(path_text(finding.path), finding.message) for finding in findings] == [
        (
            "applications.a.options.colour",
            'cannot deploy application "a": unknown option "colour"',
        ),
        (
            "applications.a.options.port",
            'cannot deploy application "a": option "port" expected int, got "eighty"',
        ),
    ]
    assert {finding.when for finding in findings} == {"deploy"}


def test_juju_4_names_the_step_that_refuses_an_option() -> None:
    """A Kubernetes application is prepared in a step of another name."""
    application = "applications: {a: {charm: a, options: {colour: red}}}"
    start = 'cannot deploy application "a": cannot deploy "a": preparing'
    end = (
        "args: validating create application args: validating application config: unknown option"
        ' "colour"'
    )

    machines = refusals(application, Juju.V4_0, {"a": CHARM})
    kubernetes = refusals(f"bundle: kubernetes\n{application}", Juju.V4_0, {"a": CHARM})

    assert messages(machines) == [f"{start} application {end}"]
    assert messages(kubernetes) == [f"{start} CAAS application {end}"]


@pytest.mark.parametrize("juju", list(Juju))
def test_trust_is_an_option_of_every_application(juju: Juju) -> None:
    """And null resets an option."""
    text = "applications: {a: {charm: a, options: {trust: true, port: null}}}"

    assert refusals(text, juju, {"a": CHARM}) == []


def test_options_of_an_unknown_charm_are_not_judged() -> None:
    """They may exist."""
    assert refusals("applications: {b: {charm: b, options: {x: y}}}", Juju.V3_6) == []


def accepted(kind: str, value: object, juju: Juju) -> bool:
    """Return whether an option of a type accepts a value."""
    return not option_problem(Option("o", kind), as_sent(value), juju)


@pytest.mark.parametrize(
    ("kind", "value", "up_to_3", "juju_4"),
    [
        ("int", 8, True, True),
        ("int", "8", True, True),
        ("int", "-8", True, True),
        ("int", "0x10", False, True),
        ("int", "1_000", False, True),
        ("int", " 8", False, False),
        ("int", "8.0", False, False),
        ("int", 1.0, True, True),
        ("int", 1000000.0, False, False),
        ("int", 1.5, False, False),
        ("int", True, False, False),
        ("int", 2**63 - 1, True, True),
        ("int", 2**63, False, False),
        ("int", "9" * 5000, False, False),
        ("float", 1, True, True),
        ("float", "1.5", True, False),
        ("float", "1e400", False, False),
        ("float", "inf", True, False),
        ("float", "one", False, False),
        ("boolean", True, True, True),
        ("boolean", "True", True, True),
        ("boolean", "yes", False, False),
        ("boolean", 1, False, False),
        ("string", "x", True, True),
        ("string", 8, False, False),
        ("string", ["x"], False, False),
    ],
)
def test_value_is_accepted_as_the_release_coerces_it(
    kind: str, value: object, up_to_3: bool, juju_4: bool
) -> None:
    """Up to 3.6 strings are parsed by the option's type. 4.0 coerces all values alike."""
    assert [accepted(kind, value, juju) for juju in UP_TO_3] == [up_to_3] * 3
    assert accepted(kind, value, Juju.V4_0) is juju_4


@pytest.mark.parametrize(
    ("value", "juju_3", "juju_4"),
    [
        ("secret:9m4e2mr0ui3e8a215n4g", "", ""),
        ("", "", ""),
        (
            "plain",
            'invalid secret URI for option "o": secret URI "plain" not valid',
            'option "o" expected secret, got "plain"',
        ),
        (
            "http://x",
            'invalid secret URI for option "o": secret URI scheme "http" not valid',
            'option "o" expected secret, got "http://x"',
        ),
    ],
)
def test_secret_option_needs_the_uri_of_a_secret(value: str, juju_3: str, juju_4: str) -> None:
    """In the words of the release."""
    option = Option("o", "secret")

    assert option_problem(option, value, Juju.V3_6) == juju_3
    assert option_problem(option, value, Juju.V4_0) == juju_4
