"""Rules about relations."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from botlab.catalogue.model import Charm, Endpoint
from botlab.findings import path_text
from botlab.juju import Juju
from helpers.assessments import bundle_findings, of_rule, paths_of

Scope = Literal["global", "container"]
EVERY_JUJU = pytest.mark.parametrize("juju", list(Juju))


def pair(*, relation: tuple[str, str] = ("app:agent", "sub:agent")) -> dict[str, Any]:
    """Return a bundle of two related applications."""
    application = {"charm": "local:x", "num_units": 1}
    return {"applications": {"app": application, "sub": {"charm": "local:y"}}} | {
        "relations": [list(relation)]
    }


def charms_of(
    principal: Scope, subordinate: Scope, *, is_subordinate: bool = True
) -> dict[str, Charm]:
    """Return the facts of both charms, with the scopes of their endpoints."""
    provider = Endpoint("agent", "provides", "x", principal)
    requirer = Endpoint("agent", "requires", "x", subordinate)
    return {
        "app": Charm("x", endpoints={"agent": provider}),
        "sub": Charm("y", is_subordinate, endpoints={"agent": requirer}),
    }


@EVERY_JUJU
@pytest.mark.parametrize(
    ("principal", "subordinate", "is_reported"),
    [
        ("container", "global", False),
        ("global", "container", False),
        ("container", "container", False),
        ("global", "global", True),
    ],
)
def test_one_end_with_container_scope_places_a_subordinate(
    juju: Juju, principal: Scope, subordinate: Scope, is_reported: bool
) -> None:
    """Juju gives the scope of that end to the other one."""
    findings = bundle_findings(pair(), juju, charms_of(principal, subordinate))

    assert paths_of(findings, "BL053") == ["applications.sub"] * is_reported


def test_relation_to_a_charm_that_is_not_known_may_place_a_subordinate() -> None:
    """Its endpoint may have container scope."""
    charms = {"sub": charms_of("global", "global")["sub"]}

    assert paths_of(bundle_findings(pair(), charms=charms), "BL053") == []


@EVERY_JUJU
@pytest.mark.parametrize(("scope", "is_reported"), [("global", False), ("container", True)])
def test_implicit_endpoint_juju_info_has_global_scope(
    juju: Juju, scope: Scope, is_reported: bool
) -> None:
    """So two principals may be related by it."""
    bundle = pair(relation=("app:juju-info", "sub:agent"))
    charms = charms_of("global", scope, is_subordinate=False)

    assert paths_of(bundle_findings(bundle, juju, charms), "BL054") == (
        ["relations[0]"] * is_reported
    )


def unrelated(**application: Any) -> list[str]:
    """Return the reported keys of an application that is not related, beside a related pair."""
    bundle = pair()
    bundle["applications"]["alone"] = application
    return paths_of(bundle_findings(bundle, Juju.V3_6), "BL062")


@pytest.mark.parametrize(
    "charm", ["kubeflow-roles", "kubeflow-volumes", "ubuntu", "easyrsa", "metallb", "./nfs-server"]
)
def test_application_that_may_work_alone_is_not_reported(charm: str) -> None:
    """Several applications of each published Kubeflow bundle have no relations."""
    assert unrelated(charm=charm, channel="1.9/stable", revision=240) == []


@pytest.mark.parametrize(
    "charm", ["etcd", "kubernetes-control-plane", "./kubeapi-load-balancer", "./metallb.charm"]
)
def test_application_whose_charm_waits_for_relations_is_reported(charm: str) -> None:
    """The one of its name in Charmhub may be another charm than botlab's own."""
    assert unrelated(charm=charm) == ["applications.alone"]


@pytest.mark.parametrize("key", ["options", "resources"])
def test_charm_with_a_kubeconfig_needs_no_relations(key: str) -> None:
    """It uses a cluster outside the model."""
    given = {key: {"kubeconfig": "./kubeconfig"}}

    assert unrelated(charm="./kubeflow-installer.charm", **given) == []


@EVERY_JUJU
@pytest.mark.parametrize(
    ("provider", "requirer", "is_reported"),
    [
        ("container", "global", True),
        ("global", "container", True),
        ("container", "container", True),
        ("global", "global", False),
    ],
)
def test_one_end_with_container_scope_cannot_relate_two_principals(
    juju: Juju, provider: Scope, requirer: Scope, is_reported: bool
) -> None:
    """Whichever end it is."""
    charms = charms_of(provider, requirer, is_subordinate=False)
    findings = of_rule(bundle_findings(pair(), juju, charms), "BL054")

    assert [(path_text(finding.path), finding.message, finding.fix) for finding in findings] == [
        (
            "relations[0]",
            "app and sub are principals, but their relation has container scope",
            "relate endpoints of global scope",
        )
    ] * is_reported


@EVERY_JUJU
def test_container_scope_with_a_subordinate_or_an_unknown_charm_is_accepted(juju: Juju) -> None:
    """Only a relation of two principals is reported."""
    charms = charms_of("container", "container")

    assert paths_of(bundle_findings(pair(), juju, charms), "BL054") == []
    assert paths_of(bundle_findings(pair(), juju, {"app": charms["app"]}), "BL054") == []
