"""The picture of a running model without its site: other models, relations, and Kubernetes."""

from __future__ import annotations

from typing import Any

import pytest

from botlab.juju import Juju
from botlab.live.picture import live_picture
from botlab.live.status.client import read_status
from botlab.picture.layout import drawing_of
from botlab.picture.model import Application, Health, LabPicture, Relation
from helpers.drawing_faults import drawing_faults
from helpers.live_models import example_lab, ready_status
from helpers.status_documents import status_document

OFFER = {
    "url": "ctrl:admin/ceph.ceph-mon",
    "endpoints": {"client": {"interface": "ceph-client", "role": "provider"}},
    "relations": {"client": ["ceph-csi"]},
}


def info(state: str) -> dict[str, str]:
    """Return a status."""
    return {"current": state, "message": ""}


def entry(application: str, scope: str, interface: str = "x") -> dict[str, str]:
    """Return a relation as Juju 3 prints it at one end."""
    return {"related-application": application, "interface": interface, "scope": scope}


def picture_of(applications: dict[str, Any], kind: str = "iaas", **more: Any) -> LabPicture:
    """Return the picture of a model without machines."""
    model = {"name": "m", "controller": "ctrl", "type": kind, "version": "3.6.11"}
    document = {"model": model, "machines": {}, "applications": applications, **more}
    picture = live_picture(read_status(document), Juju.V3_6)
    assert drawing_faults(drawing_of(picture)) == []
    return picture


def texts(relations: tuple[Relation, ...]) -> list[str]:
    """Return the ends of relations."""
    return [f"{relation.left} - {relation.right}" for relation in relations]


@pytest.mark.parametrize("partner", ["ceph-mon", entry("ceph-mon", "global", "ceph-client")])
def test_application_of_another_model_has_a_card_and_its_relations(partner: Any) -> None:
    """As Juju 2 prints a relation, and as Juju 3 does."""
    csi = {"charm": "ceph-csi", "relations": {"ceph-client": [partner]}}

    picture = picture_of({"ceph-csi": csi}, **{"application-endpoints": {"ceph-mon": OFFER}})

    assert picture.applications[-1] == Application("ceph-mon", OFFER["url"], is_remote=True)
    assert texts(picture.relations) == ["ceph-csi:ceph-client - ceph-mon:client"]


def test_offer_that_the_site_uses_has_one_card() -> None:
    lab = example_lab("ceph")
    status = ready_status(lab)
    document = status_document(status, "3.6.11")
    document["application-endpoints"] = {"ceph-mon": OFFER, "more": OFFER}

    picture = live_picture(read_status(document), Juju.V3_6, lab)

    remotes = [each.name for each in picture.applications if each.is_remote]
    assert remotes == ["ceph-mon", "more"]
    assert drawing_faults(drawing_of(picture)) == []


@pytest.mark.parametrize(
    ("at_principal", "at_subordinate", "is_local"),
    [
        (entry("nrpe", "container"), entry("ubuntu", "container"), True),
        (entry("nrpe", "global"), entry("ubuntu", "global"), False),
        ("nrpe", "ubuntu", True),
    ],
)
def test_relation_of_a_subordinate_on_its_machine_is_local(
    at_principal: Any, at_subordinate: Any, is_local: bool
) -> None:
    """Juju 3 prints the scope of a relation. With Juju 2, the principal decides."""
    ubuntu = {"charm": "ubuntu", "relations": {"juju-info": [at_principal]}}
    relations = {"general-info": [at_subordinate]}
    nrpe = {"charm": "nrpe", "subordinate-to": ["ubuntu"], "relations": relations}

    (relation,) = picture_of({"ubuntu": ubuntu, "nrpe": nrpe}).relations

    assert relation.is_local is is_local


def test_relation_has_its_interface() -> None:
    etcd = {"charm": "etcd", "relations": {"db": [entry("calico", "global", "etcd")]}}
    calico = {"charm": "calico", "relations": {"etcd": [entry("etcd", "global", "etcd")]}}

    (relation,) = picture_of({"etcd": etcd, "calico": calico}).relations

    assert relation.interface == "etcd"


def test_relation_with_an_unknown_application_is_left_out() -> None:
    relations = {"db": ["gone"], "peer": ["etcd"]}

    assert picture_of({"etcd": {"charm": "etcd", "relations": relations}}).relations == ()


def test_pods_of_a_model_on_kubernetes_are_ready_without_a_machine() -> None:
    """Juju has no machines for them."""
    active = {"workload-status": info("active"), "juju-status": info("idle")}
    blocked = {"workload-status": info("blocked"), "juju-status": info("idle")}
    units = {"wiki/0": active, "wiki/1": blocked}

    picture = picture_of({"wiki": {"charm": "wiki", "units": units}}, "caas")

    (card,) = picture.machines
    assert (card.key, card.name) == ("pods of the cluster",) * 2
    assert [unit.state.health for unit in card.units] == [Health.READY, Health.BLOCKED]
    assert picture.facts == ("model ctrl:m", "Juju 3.6.11", "1 of 2 units ready")
