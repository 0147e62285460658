"""Differences of relations, whose endpoints a status shows one by one."""

from __future__ import annotations

from typing import Any

from botlab.bundle.model import Application, Bundle
from botlab.juju import Juju
from botlab.live.comparison.differences import Stage
from botlab.live.comparison.relations import RelationDifferences, relation_differences


def _links(**endpoints: list[str]) -> dict[str, Any]:
    """Return an application of a status of Juju 2, which names no interfaces."""
    return {"relations": {name.replace("_", "-"): ends for name, ends in endpoints.items()}}


def _compare(
    relations: list[list[str]], nodes: dict[str, Any], juju: Juju = Juju.V2_9, **saas: str
) -> RelationDifferences:
    names = {end.partition(":")[0] for pair in relations for end in pair} | set(nodes)
    applications: dict[str, Application | None] = {
        name: Application() for name in names if name not in saas
    }
    bundle = Bundle(applications=applications, relations=relations, saas=saas)
    return relation_differences(bundle, nodes, list(saas), juju)


def _texts(comparison: RelationDifferences) -> list[str]:
    return [command.text() for entry in comparison.differences for command in entry.commands]


def test_two_relations_with_one_endpoint_are_both_there() -> None:
    relations = [["master:kube-api", "lb:api"], ["master:external", "lb:api"]]
    nodes = {"master": _links(kube_api=["lb"], external=["lb"]), "lb": _links(api=["master"])}
    comparison = _compare(relations, nodes)
    assert _texts(comparison) == []
    assert comparison.existing == [
        ("master:kube-api", "lb:api"),
        ("master:external", "lb:api"),
    ]


def test_relation_without_endpoints_is_recognised() -> None:
    nodes = {"web": _links(db=["store"]), "store": _links(db=["web"])}
    comparison = _compare([["web", "store"]], nodes)
    assert _texts(comparison) == []
    assert comparison.existing == [("web:db", "store:db")]


def test_relation_of_peers_is_none_of_the_bundle() -> None:
    assert _texts(_compare([], {"etcd": _links(cluster=["etcd"])})) == []


def test_relations_of_an_application_that_only_the_model_has_end_with_it() -> None:
    nodes = {"web": _links(db=["other"]), "other": _links(db=["web"])}
    bundle = Bundle(applications={"web": Application()})
    assert relation_differences(bundle, nodes, [], Juju.V3_6).differences == []


def test_relation_of_an_application_that_the_model_lacks_comes_with_it() -> None:
    assert _texts(_compare([["web:db", "store:db"]], {"web": _links()})) == []


def test_consumed_offer_has_one_end_in_the_model() -> None:
    relations = [["web:db", "remote:sql"]]
    nodes = {"web": _links(db=["remote"])}
    assert _texts(_compare(relations, nodes, remote="ctrl:admin/m.sql")) == []
    missing = _compare(relations, {"web": _links()}, remote="ctrl:admin/m.sql")
    assert _texts(missing) == ["juju relate web:db remote:sql"]


def test_ambiguous_surplus_relation_is_noted() -> None:
    nodes = {"web": _links(db=["store"]), "store": _links(main=["web"], replica=["web"])}
    comparison = _compare([], nodes)
    assert _texts(comparison) == ["juju remove-relation store:main web:db"]
    assert comparison.notes == [
        "the status does not show which of store:main, store:replica is related to web:db"
    ]


def test_interfaces_of_juju_3_decide_which_endpoints_belong_together() -> None:
    def entry(application: str, interface: str) -> list[dict[str, str]]:
        return [{"related-application": application, "interface": interface, "scope": "global"}]

    nodes = {
        "web": {"relations": {"db": entry("store", "pgsql")}},
        "store": {
            "relations": {"log": entry("web", "syslog"), "main": entry("web", "pgsql")},
        },
    }
    comparison = _compare([], nodes, Juju.V3_6)
    assert _texts(comparison) == ["juju remove-relation store:main web:db"]
    assert comparison.notes == []


def test_differences_have_their_kind_and_the_stage_of_their_command() -> None:
    """A missing relation is made by deploy too, and a surplus one only by its command."""
    nodes = {"web": _links(cache=["store"]), "store": _links(replica=["web"])}

    for juju, verb in ((Juju.V2_9, "relate"), (Juju.V3_6, "integrate")):
        missing, surplus = sorted(
            _compare([["web:db", "store:db"]], nodes, juju).differences,
            key=lambda entry: entry.delta.change,
        )

        assert (missing.delta.change, missing.delta.kind) == ("added", "relation")
        assert (surplus.delta.change, surplus.delta.kind) == ("removed", "relation")
        assert [
            (command.stage, command.text(), command.is_part_of_deploy)
            for entry in (missing, surplus)
            for command in entry.commands
        ] == [
            (Stage.RELATIONS, f"juju {verb} web:db store:db", True),
            (Stage.REMOVE_RELATIONS, "juju remove-relation store:replica web:cache", False),
        ]
