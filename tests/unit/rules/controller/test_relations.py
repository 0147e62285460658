"""Refusals of relations: endpoints, limits, platforms, and offers of other models."""

from __future__ import annotations

import pytest

from botlab.catalogue.model import Charm
from botlab.findings import path_text
from botlab.juju import Juju
from helpers.charm_archives import manifest
from helpers.refusals import charm, messages, refusals

UP_TO_3 = (Juju.V2_6, Juju.V2_9, Juju.V3_6)
APPLICATIONS = "applications: {a: {charm: a}, b: {charm: b}, c: {charm: c}}\n"


def relate(ends: str, juju: Juju, charms: dict[str, Charm]) -> list[str]:
    """Return the messages about the relations of three applications."""
    return messages(refusals(f"{APPLICATIONS}relations: [{ends}]", juju, charms))


WEB = charm(
    "{name: a, requires: {db: {interface: pg}, cache: {interface: redis}}, peers: {p: pg}}"
)
DATABASE = charm("{name: b, provides: {pg: {interface: pg}, old: {interface: pg}}}")
PAIR = {"a": WEB, "b": DATABASE}


@pytest.mark.parametrize("juju", UP_TO_3)
def test_endpoint_that_a_charm_does_not_have_is_refused(juju: Juju) -> None:
    """The implicit endpoint exists, but nothing requires it."""
    assert relate("[a:typo, b:pg], [a:db, b:typo], [a:db, b:juju-info]", juju, PAIR) == [
        'cannot add relation between "a:typo" and "b:pg": application "a" has no "typo" relation',
        'cannot add relation between "a:db" and "b:typo": application "b" has no "typo" relation',
        'cannot add relation between "a:db" and "b:juju-info": no relations found',
    ]


@pytest.mark.parametrize("juju", UP_TO_3)
@pytest.mark.parametrize("ends", ["[a:cache, b:pg]", "[b:pg, b2:old]", "[a:p, b:pg]"])
def test_endpoints_of_other_interfaces_or_of_the_same_role_do_not_match(
    juju: Juju, ends: str
) -> None:
    """A peer endpoint matches nothing."""
    applications = "applications: {a: {charm: a}, b: {charm: b}, b2: {charm: b}}"
    text = f"{applications}\nrelations: [{ends}]"
    first, second = ends.strip("[]").split(", ")

    (finding,) = refusals(text, juju, {**PAIR, "b2": DATABASE})

    assert finding.message == (
        f'cannot add relation between "{first}" and "{second}": no relations found'
    )
    assert (finding.id, finding.when, path_text(finding.path)) == (
        "J068", "deploy", "relations[0]",
    )  # fmt: skip


@pytest.mark.parametrize("juju", UP_TO_3)
def test_relation_without_endpoint_names_that_has_two_meanings_is_refused(juju: Juju) -> None:
    """The meanings are sorted, with the requirer first."""
    assert relate("[b, a]", juju, PAIR) == [
        'cannot add relation between "b" and "a": ambiguous relation: "b a" could refer to'
        ' "a:db b:old"; "a:db b:pg"'
    ]
    assert relate("[b:pg, a]", juju, PAIR) == []


def test_juju_4_has_its_own_words_for_endpoints() -> None:
    """Each message names the step."""
    starts = {
        ends: f"cannot add relation between {ends}: adding relation between endpoints {ends}:"
        f" cannot relate endpoints {ends}: "
        for ends in ('"a:typo" and "b:x"', '"a" and "b"', '"a:cache" and "b"')
    }

    assert relate("[a:typo, b:x], [a, b], [a:cache, b]", Juju.V4_0, PAIR) == [
        starts['"a:typo" and "b:x"']
        + "no candidates for a:typo and b:x: relation endpoint not found",
        starts['"a" and "b"']
        + 'ambiguous relation: "a b" could refer to "a:db b:pg"; "a:db b:old"',
        starts['"a:cache" and "b"'] + "no compatible endpoints found between applications",
    ]


@pytest.mark.parametrize("juju", list(Juju))
@pytest.mark.parametrize(("count", "shown", "more"), [(10, 50, ""), (11, 5, "; and 50 more")])
def test_message_about_too_many_meanings_lists_a_few(
    juju: Juju, count: int, shown: int, more: str
) -> None:
    """Real charms have three meanings at most. Two small charms can have thousands."""
    requirer = ", ".join(f"r{number}: x" for number in range(5))
    provider = ", ".join(f"p{number}: x" for number in range(count))
    charms = {
        "a": charm(f"{{name: a, requires: {{{requirer}}}}}"),
        "b": charm(f"{{name: b, provides: {{{provider}}}}}"),
    }

    (message,) = relate("[a, b]", juju, charms)

    assert message.count('"a:r') == shown
    assert message.endswith(f'"{more}')


@pytest.mark.parametrize("juju", UP_TO_3)
def test_explicit_endpoints_are_preferred_to_many_implicit_ones(juju: Juju) -> None:
    """The only explicit pair is the last one."""
    requires = ", ".join(f"r{number}: juju-info" for number in range(60))
    charms = {
        "a": charm(f"{{name: a, requires: {{{requires}, db: pg}}}}"),
        "b": charm("{name: b, provides: {pg: pg}}"),
    }

    assert relate("[a, b], [b, a]", juju, charms) == []


def test_only_juju_4_counts_the_implicit_endpoint_as_a_second_meaning() -> None:
    """Earlier releases prefer endpoints that the charms name."""
    agent = "requires: {host: {interface: juju-info, scope: container}, log: {interface: log}}"
    charms = {
        "a": charm(f"{{name: a, subordinate: true, {agent}}}"),
        "b": charm("{name: b, provides: {log: {interface: log}}}"),
    }

    assert [relate("[a, b]", juju, charms) for juju in UP_TO_3] == [[]] * 3
    assert len(relate("[a, b]", Juju.V4_0, charms)) == 1


SHARED = {
    "a": charm("{name: a, provides: {agent: {interface: x, scope: container}}}"),
    "b": charm("{name: b, requires: {agent: {interface: x}}}"),
    "c": charm("{name: c, subordinate: true, requires: {agent: {interface: x}}}"),
}


@pytest.mark.parametrize("juju", UP_TO_3)
def test_one_container_scoped_end_needs_a_subordinate(juju: Juju) -> None:
    """The other end may be global."""
    assert relate("[a:agent, b:agent]", juju, SHARED) == [
        'cannot add relation between "a:agent" and "b:agent": no relations found'
    ]
    assert relate("[a:agent, c:agent]", juju, SHARED) == []


def test_container_scope_between_principals_is_refused_by_juju_4() -> None:
    """In its own words."""
    (message,) = relate("[a:agent, b:agent]", Juju.V4_0, SHARED)

    assert message.endswith(": no compatible endpoints found between applications")
    assert relate("[a:agent, c:agent]", Juju.V4_0, SHARED) == []


LIMITED = {
    "a": charm("{name: a, requires: {db: {interface: pg, limit: 1}}}"),
    "b": charm("{name: b, provides: {pg: {interface: pg, limit: 2}}}"),
    "c": charm("{name: c, provides: {pg: {interface: pg}}}"),
}


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6])
def test_relation_beyond_the_limit_of_an_endpoint_is_refused(juju: Juju) -> None:
    """The second relation is the first one too many. The same relation again is ignored."""
    assert relate("[a:db, b:pg], [b, a], [c:pg, a:db]", juju, LIMITED) == [
        'cannot add relation between "c:pg" and "a:db": cannot add relation "a:db c:pg":'
        " establishing a new relation for a:db would exceed its maximum relation limit of 1"
    ]


def test_limit_of_the_provider_counts_too() -> None:
    """Two of three requirers fit."""
    text = """
applications: {x: {charm: c}, y: {charm: c}, z: {charm: c}, p: {charm: p}}
relations: [[x, p], [y, p], [z, p]]
"""
    requirer = charm("{name: c, requires: {db: pg}}")
    provider = charm("{name: p, provides: {pg: {interface: pg, limit: 2}}}")
    charms = {"x": requirer, "y": requirer, "z": requirer, "p": provider}

    findings = refusals(text, Juju.V2_9, charms)

    assert [path_text(finding.path) for finding in findings] == ["relations[2]"]


def test_limits_are_unknown_to_2_6_and_worded_differently_by_4_0() -> None:
    """2.6 stores them and does not look at them."""
    ends = "[a:db, b:pg], [a:db, c:pg]"
    between = '"a:db" and "c:pg"'

    assert relate(ends, Juju.V2_6, LIMITED) == []
    assert relate(ends, Juju.V4_0, LIMITED) == [
        f"cannot add relation between {between}: adding relation between endpoints {between}:"
        ' cannot add relation "a:db", "c:pg": relation a:db c:pg: establishing a new relation for'
        " a:db would exceed its maximum relation limit of 1"
    ]


def placed(principal: str, subordinate: str) -> dict[str, Charm]:
    """Return a principal and a subordinate, each with some lines of its own metadata."""
    return {
        "a": charm(f"{{name: a, {principal}}}"),
        "b": charm(
            "{name: b, subordinate: true, requires: {host: {interface: juju-info, scope:"
            f" container}}}}, {subordinate}}}"
        ),
    }


@pytest.mark.parametrize(
    ("juju", "noun"), [(Juju.V2_6, "series"), (Juju.V2_9, "series"), (Juju.V3_6, "bases")]
)
def test_charms_of_principal_and_subordinate_must_share_a_platform(juju: Juju, noun: str) -> None:
    """The platforms of the applications do not count."""
    text = """
applications: {a: {charm: a, series: jammy, num_units: 1}, b: {charm: b, series: focal}}
relations: [["a:juju-info", "b:host"]]
"""
    apart = placed("series: [jammy, noble]", "series: [bionic, focal]")
    shared = placed("series: [focal, jammy]", "series: [bionic, focal]")

    assert messages(refusals(text, juju, apart)) == [
        'cannot add relation between "a:juju-info" and "b:host": cannot add relation'
        f' "b:host a:juju-info": principal and subordinate applications\' {noun} must match'
    ]
    assert refusals(text, juju, shared) == []


def test_manifest_counts_before_the_metadata_from_2_9_on() -> None:
    """2.6 does not read it."""
    charms = placed("series: [jammy]", "series: [jammy]")
    charms["a"] = charm("{name: a, series: [jammy]}", manifest=manifest("20.04"))
    ends = "['a:juju-info', 'b:host']"

    assert relate(ends, Juju.V2_6, charms) == []
    assert [len(relate(ends, juju, charms)) for juju in (Juju.V2_9, Juju.V3_6)] == [1, 1]


def test_juju_4_compares_the_bases_of_the_applications() -> None:
    """Whatever the charms support."""
    charms = placed("series: [jammy, noble]", "series: [jammy, noble]")
    text = """
applications: {a: {charm: a, base: ubuntu@22.04, num_units: 1}, b: {charm: b, base: %s}}
relations: [["b:host", "a:juju-info"]]
"""
    between = '"b:host" and "a:juju-info"'

    assert messages(refusals(text % "ubuntu@24.04", Juju.V4_0, charms)) == [
        f"cannot add relation between {between}: adding relation between endpoints {between}:"
        ' cannot add relation "b:host", "a:juju-info": relation b:host a:juju-info: no compatible'
        ' bases found for application "b" and "a"'
    ]
    assert refusals(text % "ubuntu@22.04/stable", Juju.V4_0, charms) == []
    assert refusals(text % "ubuntu@24.04", Juju.V3_6, charms) == []


def test_local_charm_without_series_has_that_of_its_application() -> None:
    """Up to 2.9. The series of a charm from a store is not known then."""
    charms = placed("series: [jammy]", "series: [ ]")
    text = """
applications: {a: {charm: ./a, series: jammy, num_units: 1}, b: {charm: ./b, series: focal}}
relations: [["a:juju-info", "b:host"]]
"""

    assert len(refusals(text, Juju.V2_9, charms, local_files=["a", "b"])) == 1
    assert refusals(text, Juju.V2_9, charms) == []


OFFER = """
saas: {store: {url: "admin/lab.store"}}
applications: {a: {charm: a}, b: {charm: b}, c: {charm: c}}
relations: [["%s", "store:agent"]]
"""


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6])
def test_container_scoped_endpoint_cannot_be_related_to_an_offer(juju: Juju) -> None:
    """A unit of another model is never on the same machine."""
    (finding,) = refusals(OFFER % "a:agent", juju, SHARED)

    assert finding.message == (
        'cannot add relation between "a:agent" and "store:agent": no relations found'
    )
    assert refusals(OFFER % "b:agent", juju, SHARED) == []


def test_juju_4_looks_at_the_scope_of_a_principals_endpoint_only() -> None:
    """It compares the endpoints first."""
    subordinate = charm(
        "{name: a, subordinate: true, provides: {agent: {interface: x, scope: container}}}"
    )

    assert len(refusals(OFFER % "a:agent", Juju.V4_0, SHARED)) == 1
    assert refusals(OFFER % "a:agent", Juju.V4_0, {"a": subordinate}) == []


@pytest.mark.parametrize("juju", list(Juju))
def test_relation_with_an_unknown_charm_is_not_judged(juju: Juju) -> None:
    """Not even if it must be inferred."""
    assert relate("[a:typo, b:pg], [a, b], [a:typo, gone:x]", juju, {"a": WEB}) == []
