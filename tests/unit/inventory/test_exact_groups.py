"""Groups are exactly the proposed machines, however names, tags and addresses are numbered."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botlab.inventory.machine_groups import MachineGroup, group_machines
from botlab.inventory.proposal import ProposedMachine
from botlab.site.groups import Group, check_groups, expand_groups

FORMS = ("gpu{}", "gpu0{}", "r1-n{}-x", "node{}")
SETTINGS = settings(
    max_examples=150,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def machines(draw: st.DrawFn) -> list[ProposedMachine]:
    """Return machines, most of which follow a pattern."""
    names = draw(st.lists(
        st.builds(str.format, st.sampled_from(FORMS), st.integers(0, 30)),
        min_size=13, max_size=40, unique=True,
    ))  # fmt: skip
    return [_machine(name, draw(st.tuples(*[st.integers(0, 11)] * 3))) for name in names]


def _machine(name: str, odds: tuple[int, int, int]) -> ProposedMachine:
    """Return a machine. Few values of the odds make it differ from the others."""
    number = int("".join(filter(str.isdigit, name[2:])))
    addresses = {
        0: (),
        1: (f"10.0.1.{odds[1]}",),
        2: (f"10.0.0.{number}", f"fd00::{number + 1}"),
    }.get(odds[0], (f"10.0.0.{number + 10}",))
    return ProposedMachine(
        name=name,
        tag={0: f"T{odds[2]}-{name}", 1: f"special-{name}x"}.get(odds[1], name),
        has_tag=True,
        system_id="",
        zone="b" if odds[2] == 0 else "a",
        addresses=addresses,
        constraints="cores=4" if odds[2] == 1 else "cores=8",
        arch="",
        has_gpu=odds[2] == 2,
        roles=("worker",),
    )


def _site_machines(groups: list[MachineGroup]) -> list[tuple[Any, ...]]:
    """Return the machines of a site file with these groups, in their order."""
    site = {
        group.name: Group(tags=[group.tag], addresses=list(group.addresses)) for group in groups
    }
    check_groups(site)
    return [
        (name, machine.tags, tuple(map(str, machine.addresses)))
        for name, machine in expand_groups({}, site).items()
    ]


@SETTINGS
@given(machines())
def test_groups_and_single_machines_are_exactly_the_proposed_machines(
    proposed: list[ProposedMachine],
) -> None:
    """Nothing is added, left out or changed."""
    single, groups = group_machines(proposed)
    expected = {machine.name: machine for machine in proposed}
    members = _site_machines(groups)

    assert sorted([*(machine.name for machine in single), *(name for name, *_ in members)]) == (
        sorted(expected)
    )
    firsts = [group.first for group in groups for _ in range(group.size)]
    for (name, tags, addresses), first in zip(members, firsts, strict=True):
        own = {"name": name, "tag": tags[0], "addresses": addresses}
        assert dataclasses.replace(first, **own) == expected[name]


def farm(**changes: dict[str, Any]) -> list[ProposedMachine]:
    """Return forty machines with tags and addresses like their names; some are changed."""
    names = [f"gpu{number:02}" for number in range(40)]
    regular = {name: _machine(name, (5, 5, 2)) for name in names}
    return [
        dataclasses.replace(machine, **changes.get(name, {})) for name, machine in regular.items()
    ]


@pytest.mark.parametrize(
    ("changes", "groups", "single"),
    [
        ({}, ["gpu[00-39]"], []),
        ({"gpu07": {"tag": "special"}}, ["gpu[00-06,08-39]"], ["gpu07"]),
        ({"gpu07": {"addresses": ("10.0.9.7",)}}, ["gpu[00-06,08-39]"], ["gpu07"]),
        ({"gpu07": {"addresses": ()}}, ["gpu[00-06,08-39]"], ["gpu07"]),
        ({"gpu07": {"addresses": ("10.0.0.99",)}}, ["gpu[00-39]"], []),
        (
            {f"gpu{n:02}": {"addresses": (f"10.0.0.{200 - 7 * n}",)} for n in range(10, 20)},
            ["gpu[00-09]", "gpu[20-39]"],
            [f"gpu{n}" for n in range(10, 20)],
        ),
    ],
)
def test_few_machines_without_the_pattern_leave_the_others_in_a_group(
    changes: dict[str, dict[str, Any]], groups: list[str], single: list[str]
) -> None:
    """A range with a gap is still easy to read. One with many gaps is not."""
    alone, grouped = group_machines(farm(**changes))

    assert [group.name for group in grouped] == groups
    assert [machine.name for machine in alone] == single
