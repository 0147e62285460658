"""The time of the commands is linear to the number of entries in their files."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import pytest

from botlab.bundle import BundleSource, parse_bundle
from botlab.catalogue.model import Charm
from botlab.juju import Juju
from botlab.plan import changes
from botlab.plan.model_file import ModelFile, read_model
from botlab.rules.lab import lab_findings
from botlab.rules.subject import Subject
from botlab.site.load import Layer, load_site
from helpers.growth import LINEAR, growth

_SITE = """
site: lab
juju: "2.9"
kubernetes: {profile: k8s-1.13}
machines:
  node: {roles: [easyrsa, etcd, control-plane]}
"""


def read_status(size: int) -> None:
    """Read a status with applications in a ring of relations."""
    applications = {
        f"a{number}": {"relations": {"db": [f"a{(number + 1) % size}"]}} for number in range(size)
    }
    status = {"model": {}, "machines": {}, "applications": applications}
    read_model([ModelFile(json.dumps(status), "status.json")], Juju.V2_9)


def read_related_status(size: int) -> None:
    """Read a status in which one application is related to all others."""
    names = [f"a{number}" for number in range(size)]
    applications = {"db": {"relations": {"db": names}}, **{name: {} for name in names}}
    status = {"model": {}, "machines": {}, "applications": applications}
    read_model([ModelFile(json.dumps(status), "status.json")], Juju.V2_9)


def load_unknown_keys(size: int) -> None:
    """Load a site with unknown keys."""
    load_site([Layer(_SITE + "".join(f"k{number}: 1\n" for number in range(size)))])


def load_wrong_machines(size: int) -> None:
    """Load a site whose machines have an unknown role, and ask what follows from them."""
    machines = "".join(f"  n{number}: {{roles: [none]}}\n" for number in range(size))
    site = load_site([Layer(_SITE + machines)])
    for number in range(size):
        site.is_consequence(("machines", f"m{number}", "tags"))


def locate_unknown_keys(size: int) -> None:
    """Read a bundle with unknown keys, and look for the line of each."""
    text = "applications: {}\n" + "".join(f"k{number}: 1\n" for number in range(size))
    parsed = parse_bundle(BundleSource(text), Juju.V2_9)
    for number in range(size):
        column = len(f"k{number}: ") + 1
        assert parsed.locate((f"k{number}",)) == ("bundle.yaml", (number + 2, column))


def locate_relations_of_an_overlay(size: int) -> None:
    """Read an overlay with relations, and look for the line of each."""
    relations = "".join(f"- [a, b{number}]\n" for number in range(size))
    overlay = BundleSource(f"relations:\n{relations}", "overlay.yaml")
    for juju in (Juju.V2_6, Juju.V4_0):
        parsed = parse_bundle(BundleSource("applications: {a: {charm: a}}"), juju, [overlay])
        for number in range(size):
            location = parsed.locate(("relations", number))
            assert location == ("overlay.yaml", (number + 2, 3))


def remove_applications(size: int) -> None:
    """Remove all applications of a bundle, with their relations, in an overlay."""
    names = [f"a{number}" for number in range(size)]
    ends = itertools.pairwise(names)
    base = {
        "applications": {name: {"charm": "a"} for name in names},
        "relations": [[f"{left}:x", right] for left, right in ends],
    }
    overlay = BundleSource(json.dumps({"applications": dict.fromkeys(names)}))
    for juju in (Juju.V2_6, Juju.V4_0):
        parsed = parse_bundle(BundleSource(json.dumps(base)), juju, [overlay])
        assert parsed.bundle.relations == []


def merge_options(size: int) -> None:
    """Add options to an application in an overlay."""
    options = {f"o{number}": number for number in range(size)}
    overlay = json.dumps({"applications": {"a": {"options": options}}})
    parsed = parse_bundle(
        BundleSource("applications: {a: {charm: a}}"), Juju.V4_0, [BundleSource(overlay)]
    )
    application = parsed.bundle.applications["a"]
    assert application is not None
    assert application.options == options


def check_subordinates(size: int) -> None:
    """Check a bundle with a relation for each subordinate."""
    names = [f"s{number}" for number in range(size)]
    bundle = {
        "applications": {name: {"charm": "s"} for name in names} | {"p": {"charm": "p"}},
        "relations": [[name, "p"] for name in names],
    }
    parsed = parse_bundle(BundleSource(json.dumps(bundle)), Juju.V3_6)
    subordinates = dict.fromkeys(names, Charm("s", subordinate=True, endpoints={}))
    lab_findings(Subject(parsed.bundle, Juju.V3_6, subordinates))


def plan_again(size: int) -> None:
    """Plan a bundle with a unit on each machine against a model that has them all."""
    places = [str(number) for number in range(size)]
    machines = dict.fromkeys(places)
    application = {"charm": "a", "channel": "stable", "num_units": size, "to": places}
    text = json.dumps({"applications": {"a": application}, "machines": machines})
    bundle = parse_bundle(BundleSource(text), Juju.V3_6).bundle
    units = {f"a/{place}": {"machine": place} for place in places}
    status = {
        "model": {},
        "machines": {place: {} for place in places},
        "applications": {"a": {"charm": "a", "charm-channel": "stable", "units": units}},
    }
    model = read_model([ModelFile(json.dumps(status), "status.json")], Juju.V3_6)
    planned = changes(bundle, Juju.V3_6, model=model)
    assert "addUnit" not in {change.method for change in planned.changes}


@pytest.mark.parametrize(
    "action",
    [
        read_status,
        read_related_status,
        load_unknown_keys,
        load_wrong_machines,
        locate_unknown_keys,
        locate_relations_of_an_overlay,
        remove_applications,
        merge_options,
        check_subordinates,
        plan_again,
    ],
)
def test_reading_and_planning_take_linear_time(action: Callable[[int], None]) -> None:
    """A file with many entries is checked in a time that people wait for."""
    assert growth(action, 500) < LINEAR
