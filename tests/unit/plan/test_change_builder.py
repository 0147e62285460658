"""Placements and platforms in the plans of several Juju releases."""

from __future__ import annotations

import pytest

from botlab import plan
from botlab.bundle import BundleSource, parse_bundle
from botlab.juju import Juju


def lines(text: str, juju: Juju) -> list[str]:
    """Return the dry run of a bundle."""
    changes = plan.changes(parse_bundle(BundleSource(text), juju).bundle, juju)
    return [line.text for line in plan.dry_run(changes)[1:]]


def test_container_with_a_unit_is_on_the_machine_of_that_unit() -> None:
    """The placement is `lxd:APP/NUMBER`."""
    text = """
applications:
  a: {charm: "cs:a-1", num_units: 1}
  b: {charm: "cs:b-2", num_units: 1, to: ["lxd:a/0"]}
"""

    assert lines(text, Juju.V2_6)[-3:] == [
        "- add unit a/0 to new machine 0",
        "- add lxd container 0/lxd/0 on new machine 0",
        "- add unit b/0 to 0/lxd/0 to satisfy [lxd:a/0]",
    ]


def test_juju_3_names_bases_and_lists_machines_in_order() -> None:
    """Each machine waits for the machines before it."""
    text = """
default-base: ubuntu@22.04
applications:
  a: {charm: a, channel: stable, num_units: 2, to: ["1", "0"]}
machines: {"0": , "1": {constraints: mem=4G}}
"""

    assert lines(text, Juju.V3_6) == [
        "- upload charm a from charm-hub for base ubuntu@22.04/stable from channel stable"
        " with architecture=amd64",
        "- deploy application a from charm-hub on ubuntu@22.04/stable with stable",
        "- add new machine 0",
        "- add new machine 1",
        "- add unit a/0 to new machine 1",
        "- add unit a/1 to new machine 0",
    ]


def test_cycle_of_placements_gives_jujus_own_message() -> None:
    """Juju verifies such a bundle but cannot plan it."""
    text = """
applications:
  a: {charm: a, num_units: 1, to: [b]}
  b: {charm: b, num_units: 1, to: [a]}
"""

    with pytest.raises(plan.PlanError, match=r"^cycle in placement directives for: a, b$"):
        lines(text, Juju.V2_9)


@pytest.mark.parametrize("juju", list(Juju))
def test_two_spaces_between_constraints_are_refused_where_bindings_add_to_them(juju: Juju) -> None:
    """Juju splits them in its own way there, and only for a machine that it adds for a unit."""
    text = """
applications:
  a: {charm: a, num_units: 1, constraints: "cores=2  mem=2G", BINDINGS to: ["lxd:new"]}
"""
    bound = text.replace("BINDINGS", "bindings: {db: one},")

    with pytest.raises(plan.PlanError) as raised:
        lines(bound, juju)
    adjective = "Invalid" if juju is Juju.V2_6 else "invalid"
    assert str(raised.value) == f'{adjective} constraint: "" "cores=2  mem=2G" 3'
    assert lines(text.replace("BINDINGS", ""), juju)[-1] == "- add unit a/0 to 0/lxd/0"


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
@pytest.mark.parametrize(
    ("endpoints", "line"),
    [
        (
            "{db: {expose-to-spaces: [s]}, y: {}}",
            "- override expose settings for endpoint db of a and allow access from space s",
        ),
        (
            '{"": null, web: {expose-to-cidrs: [10.0.0.0/8]}}',
            "- override expose settings for endpoint web of a and allow access from CIDR"
            " 10.0.0.0/8",
        ),
    ],
)
def test_empty_exposure_in_an_overlay_exposes_nothing(
    endpoints: str, line: str, juju: Juju
) -> None:
    """The merge drops it, so that the endpoint is not open to all networks."""
    text = f"""
applications:
  a: {{charm: ubuntu, channel: stable, num_units: 1}}
---
applications:
  a: {{exposed-endpoints: {endpoints}}}
"""

    assert [change for change in lines(text, juju) if "expose" in change] == [line]
