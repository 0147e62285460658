"""Plans of generated bundles have all parts of the bundles."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from botlab.bundle.model import Bundle
from botlab.terraform import TerraformPlan
from helpers.hcl_format import format_faults
from helpers.terraform_plans import generated_plans, resources


def units_of(plan: TerraformPlan) -> dict[str, int]:
    """Return the numbers of units by application. A subordinate has none."""
    numbers: dict[str, int] = {}
    for block in resources(plan):
        attributes = block.attributes()
        if block.labels[0] == "juju_application":
            machines, units = attributes.get("machines"), attributes.get("units", 0)
            names = set(map(str, machines)) if isinstance(machines, list) else set[str]()
            numbers[block.labels[1]] = len(names) or int(str(units))
    return numbers


def counts_of(bundle: Bundle) -> dict[str, int]:
    """Return the numbers of the parts that become a resource each."""
    applications = [body for body in bundle.applications.values() if body]
    return {
        "juju_model": 1,
        "juju_application": len(applications),
        "juju_integration": len(bundle.relations),
        "juju_offer": sum(len(body.offers) for body in applications),
    }


@pytest.mark.parametrize("juju", ["2.9", "3.6", "4.0"])
def test_no_part_of_a_bundle_is_lost(juju: str, tmp_path: Path) -> None:
    """Units, applications, relations, offers and machines of the bundle."""
    plans = [pair for pair in generated_plans(tmp_path, juju, 60) if pair[1].sections]

    assert len(plans) >= 6
    for bundle, plan in plans:
        kinds = Counter(block.labels[0] for block in resources(plan))
        expected = counts_of(bundle)
        assert {kind: kinds[kind] for kind in expected} == expected
        assert kinds["juju_machine"] >= len(bundle.machines)
        assert units_of(plan) == {
            name: body.num_units for name, body in bundle.applications.items() if body
        }
        assert format_faults(plan.text) == []
