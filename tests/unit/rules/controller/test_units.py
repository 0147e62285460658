"""Refusals of units of subordinates, and of units on machines with another series or base."""

from __future__ import annotations

import pytest

from botlab.findings import path_text
from botlab.juju import Juju
from helpers.refusals import charm, messages, refusals

UP_TO_3 = (Juju.V2_6, Juju.V2_9, Juju.V3_6)
SUBORDINATE = charm("{name: sub, subordinate: true}")


@pytest.mark.parametrize("juju", UP_TO_3)
def test_unit_of_a_subordinate_is_refused(juju: Juju) -> None:
    """The first one."""
    text = "applications: {sub: {charm: sub, num_units: 2}}"

    (finding,) = refusals(text, juju, {"sub": SUBORDINATE})

    assert finding.message == (
        'cannot add unit for application "sub": cannot add unit 1/1 to application "sub": cannot'
        ' add unit to application "sub": application is a subordinate'
    )
    assert (path_text(finding.path), finding.when) == ("applications.sub.num_units", "deploy")


def test_juju_4_accepts_units_of_a_subordinate_except_on_kubernetes() -> None:
    """There the units come with the application."""
    text = "applications: {sub: {charm: sub, num_units: 2}}"
    kubernetes = "bundle: kubernetes\napplications: {sub: {charm: sub, scale: 2}}"

    assert refusals(text, Juju.V4_0, {"sub": SUBORDINATE}) == []
    assert messages(refusals(kubernetes, Juju.V4_0, {"sub": SUBORDINATE})) == [
        'cannot deploy application "sub": cannot deploy "sub": subordinate application must be'
        " deployed without units"
    ]


def refusal(unit: str, machine: int, reason: str) -> str:
    """Return Juju's message about a unit that cannot be on a machine."""
    name = unit.partition("/")[0]
    return (
        f'cannot add unit for application "{name}": acquiring machine to host unit "{unit}":'
        f' cannot assign unit "{unit}" to machine {machine}: {reason}'
    )


@pytest.mark.parametrize(
    ("juju", "reason"),
    [
        (Juju.V2_6, "series does not match"),
        (Juju.V2_9, "series does not match"),
        (
            Juju.V3_6,
            'base does not match: unit has "ubuntu@22.04", machine has "ubuntu@20.04"',
        ),
    ],
)
def test_unit_and_its_machine_must_have_the_same_platform(juju: Juju, reason: str) -> None:
    """A container has the platform of the application. The model numbers machines from 0."""
    text = """
series: jammy
machines: {"2": {}, "10": {series: focal}}
applications:
  a: {charm: a, num_units: 3, to: ["2", "lxd:10", "10"]}
"""
    (finding,) = refusals(text, juju)

    assert finding.message == refusal("a/2", 1, reason)
    assert (path_text(finding.path), finding.when) == ("applications.a.to[2]", "deploy")


def test_juju_4_accepts_a_machine_with_another_base() -> None:
    """It was seen to do so."""
    text = """
machines: {"0": {base: ubuntu@24.04}}
applications: {a: {charm: a, base: ubuntu@22.04, num_units: 1, to: ["0"]}}
"""
    assert refusals(text, Juju.V4_0) == []
    assert len(refusals(text, Juju.V3_6)) == 1


def test_machine_of_another_application_counts_wherever_it_comes_from() -> None:
    """Declared, new, or that of a certain unit."""
    text = """
default-base: ubuntu@22.04
machines: {"0": {}}
applications:
  on-declared: {charm: a, num_units: 1, to: ["0"]}
  on-new: {charm: a, num_units: 2, to: [new]}
  old-a: {charm: a, base: ubuntu@20.04, num_units: 1, to: [on-declared]}
  old-b: {charm: a, base: ubuntu@20.04, num_units: 3, to: [lxd:on-new, on-new]}
  old-c: {charm: a, base: ubuntu@20.04, num_units: 1, to: [on-new/1]}
"""
    reason = 'base does not match: unit has "ubuntu@20.04", machine has "ubuntu@22.04"'

    assert messages(refusals(text, Juju.V3_6)) == [
        refusal("old-a/0", 0, reason),
        refusal("old-b/1", 2, reason),
        refusal("old-c/0", 2, reason),
    ]


def test_unit_in_the_container_of_another_unit_is_not_compared_with_the_machine() -> None:
    """And units that wait for each other are left to the planner."""
    text = """
series: jammy
machines: {"0": {series: focal}}
applications:
  a: {charm: a, num_units: 1, to: ["lxd:0"]}
  b: {charm: b, num_units: 1, to: [a/0]}
  c: {charm: c, num_units: 1, to: [d]}
  d: {charm: d, num_units: 1, to: [c]}
"""
    assert refusals(text, Juju.V2_9) == []


@pytest.mark.parametrize("juju", list(Juju))
def test_platform_that_the_bundle_does_not_name_is_not_judged(juju: Juju) -> None:
    """It is the model's or the charm's."""
    text = """
machines: {"0": {}, "1": {series: focal, base: ubuntu@20.04}}
applications:
  a: {charm: a, series: jammy, base: ubuntu@22.04, num_units: 1, to: ["0"]}
  b: {charm: b, num_units: 1, to: ["1"]}
"""
    assert refusals(text, juju) == []
