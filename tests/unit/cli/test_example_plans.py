"""The plans of the examples, for each Juju release that the profile of an example supports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from botlab.catalogue.profiles import load_profile
from botlab.cli import main

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def releases() -> Iterator[tuple[str, str]]:
    """Yield each example with each Juju release line of its profile."""
    for file in sorted(EXAMPLES.glob("*/site.yaml")):
        site = yaml.safe_load(file.read_text(encoding="utf-8"))
        for juju in load_profile(site["kubernetes"]["profile"]).juju:
            yield file.parent.name, juju


@pytest.mark.parametrize(("example", "juju"), list(releases()))
def test_example_has_a_plan_for_each_juju_of_its_profile(
    example: str, juju: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each machine of the bundle gets a unit."""
    site = EXAMPLES / example / "site.yaml"

    assert main(["plan", str(site), "--juju", juju]) == 0

    machines = yaml.safe_load((site.with_name("bundle.yaml")).read_text(encoding="utf-8"))[
        "machines"
    ]
    plan = capsys.readouterr().out
    # Each machine is added by the line of its first unit, or by one of its own.
    assert {number for number in machines if f"new machine {number}\n" not in plan} == set()
