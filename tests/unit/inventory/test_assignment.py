"""Each machine of the bundle gets a machine of MAAS of its own."""

from __future__ import annotations

import itertools
import random

import pytest

from botlab.inventory.assignment import assign, unmet_constraints
from helpers.growth import LINEAR, growth
from helpers.maas_dump import maas_host


@pytest.mark.parametrize(
    ("constraints", "unmet"),
    [
        ("", []),
        ("tags=gpu0", []),
        ("tags=gpu0,fast", []),
        ("tags=gpu0,slow", ["tags=gpu0,slow"]),
        ("tags=gpu0,^slow", []),
        ("tags=^fast", ["tags=^fast"]),
        ("zones=rack2", ["zones=rack2"]),
        ("zones=rack2,rack1", []),
        ("arch=arm64 cores=16", ["arch=arm64"]),
        ("cores=17 mem=64G", ["cores=17"]),
        ("cpu-cores=17", ["cpu-cores=17"]),
        ("mem=65G", ["mem=65G"]),
        ("spaces=lab root-disk=9999G", []),
    ],
)
def test_unmet_constraints_are_those_that_maas_would_not_accept(
    constraints: str, unmet: list[str]
) -> None:
    assert unmet_constraints(constraints, maas_host()) == unmet


def test_fields_that_the_dump_lacks_count_as_met() -> None:
    bare = maas_host(zone="", cores=0, memory=0, architecture="")
    assert unmet_constraints("zones=rack9 arch=arm64 cores=99 mem=999G", bare) == []


def test_machine_moves_so_that_another_one_is_served_too() -> None:
    assert assign({"0": ["a", "b"], "1": ["a"]}) == {"0": "b", "1": "a"}


def test_machine_without_a_free_host_stays_without_one() -> None:
    assert assign({"0": ["a"], "1": ["a"], "2": []}) == {"0": "a"}


@pytest.mark.parametrize("seed", range(20))
def test_assignment_is_as_large_as_the_best_of_all_assignments(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - it makes test data
    candidates = {
        str(number): [host for host in "abcd" if chance.random() < 0.4] for number in range(5)
    }
    assigned = assign(candidates)
    assert len(set(assigned.values())) == len(assigned)
    assert all(host in candidates[machine] for machine, host in assigned.items())
    assert len(assigned) == _best(candidates)


def _best(candidates: dict[str, list[str]]) -> int:
    choices = [[*hosts, ""] for hosts in candidates.values()]
    sizes = [0]
    for chosen in itertools.product(*choices):
        hosts = [host for host in chosen if host]
        if len(set(hosts)) == len(hosts):
            sizes.append(len(hosts))
    return max(sizes)


def test_many_machines_with_the_same_candidates_take_linear_time() -> None:
    """Also when there are fewer candidates than machines."""

    def run(size: int) -> None:
        hosts = [f"host{number}" for number in range(size)]
        candidates = {f"machine{number}": hosts for number in range(size + 20)}
        assert len(assign(candidates)) == size

    assert growth(run, 200) < LINEAR
