"""A charm's access to a cluster, from what the related units publish."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ops.model import RelationNotFoundError

from helpers.kubeconfigs import unverified
from helpers.related_charm import CA, Charm, EndpointEvents
from labcharm.machine import Machine
from labkube.charm.cluster import Cluster
from labkube.client.access import Access, IncompleteAccessError
from labkube.client.api import ApiError
from labkube.client.kubeconfig import KubeconfigError

PATH = "/var/lib/lab/kubeconfig"


class RelationChangedEvent:
    """An event about a relation."""

    def __init__(self, relation: Any) -> None:
        self.relation = relation


class RelationBrokenEvent(RelationChangedEvent):
    """The end of a relation."""


class _EventsWithSecrets(dict[str, EndpointEvents]):
    secret_changed = "secret-changed"  # noqa: S105 - no secret


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return an empty machine."""
    return Machine(str(tmp_path))


def cluster_of(charm: Charm, machine: Machine) -> Cluster:
    """Return the charm's cluster."""
    return Cluster(charm, machine, PATH, yaml.safe_load)


def credentials(token: str, unit: str = "lab/0") -> dict[str, str]:
    """Return the data bag of a control plane's leader."""
    return {"creds": json.dumps({unit: {"client_token": token}})}


def complete_charm() -> Charm:
    """Return a charm with all relations, each to several units."""
    charm = Charm()
    charm.relate("kube-control", {}, credentials("TOKEN"), credentials("LATER"))
    charm.relate("certificates", {"ca": ""}, {"ca": CA})
    endpoint = {"hostname": "10.0.0.5", "port": "443"}
    charm.relate("kube-api-endpoint", endpoint, {"hostname": "10.0.0.6", "port": "443"})
    return charm


def test_access_is_read_from_all_units_in_the_order_of_their_names(machine: Machine) -> None:
    """The kubeconfig is written for the next hooks, and no other user may read it."""
    access = cluster_of(complete_charm(), machine).access()

    assert access == Access("https://10.0.0.5:443", CA, "TOKEN")
    path = Path(machine.path(PATH))
    assert path.stat().st_mode & 0o777 == 0o600
    assert yaml.safe_load(path.read_text())["clusters"][0]["cluster"]["server"] == (
        "https://10.0.0.5:443"
    )


def test_units_of_all_relations_of_an_endpoint_count(machine: Machine) -> None:
    charm = complete_charm()
    charm.model.relations["kube-control"].clear()
    charm.relate("kube-control", credentials("FOREIGN", "other/0"))
    charm.relate("kube-control", credentials("SECOND"), first=5)

    assert cluster_of(charm, machine).access().token == "SECOND"  # noqa: S105 - no secret


@pytest.mark.parametrize(
    ("event", "missing"),
    [
        (RelationBrokenEvent, "kube-control is not related to the control plane"),
        (RelationChangedEvent, ""),
    ],
)
def test_relation_that_is_being_broken_gives_no_access(
    machine: Machine, event: type[RelationChangedEvent], missing: str
) -> None:
    charm = complete_charm()
    (relation,) = charm.model.relations["kube-control"]
    cluster = cluster_of(charm, machine)

    if not missing:
        assert cluster.access(event(relation)).token == "TOKEN"  # noqa: S105 - no secret
        return
    with pytest.raises(IncompleteAccessError, match=f"^{missing}$"):
        cluster.access(event(relation))
    assert not machine.exists(PATH)


def test_option_replaces_the_relations(machine: Machine) -> None:
    """A kubeconfig without verification of TLS is refused, and nothing of it is shown."""
    cluster_of(complete_charm(), machine).access()
    text = machine.read(PATH) or ""
    charm = Charm({"kubeconfig": f"\n{text}\n"})

    expected = Access("https://10.0.0.5:443", CA, "TOKEN", is_option=True)
    assert cluster_of(charm, machine).access() == expected
    refused = Charm({"kubeconfig": unverified("hunter2")})
    with pytest.raises(KubeconfigError) as raised:
        cluster_of(refused, machine).access()
    assert "hunter2" not in str(raised.value)


def test_request_is_published_to_each_control_plane_once() -> None:
    charm = Charm()
    relations = [charm.relate("kube-control", {}), charm.relate("kube-control", {})]
    cluster = cluster_of(charm, Machine("/nowhere"))
    cluster.publish()

    request = {"kubelet_user": "lab/0", "auth_group": "system:masters"}
    assert [relation.data[charm.unit] for relation in relations] == [request, request]
    writes: list[str] = []

    class Bag(dict[str, str]):
        def __setitem__(self, key: str, text: str) -> None:
            writes.append(key)
            super().__setitem__(key, text)

    relations[0].data[charm.unit] = Bag(request, auth_group="other")
    relations[1].data[charm.unit] = Bag(request)
    cluster.publish()
    assert writes == ["auth_group"]
    cluster.publish(RelationBrokenEvent(relations[0]))
    assert writes == ["auth_group"]


def test_relation_that_juju_has_removed_by_force_is_passed_over() -> None:
    """The agent lists it until it restarts; the other control plane gets the request."""

    class RemovedBag(dict[str, str]):
        def __setitem__(self, key: str, text: str) -> None:
            raise RelationNotFoundError

    charm = Charm()
    removed, present = charm.relate("kube-control", {}), charm.relate("kube-control", {})
    removed.data[charm.unit] = RemovedBag()
    cluster_of(charm, Machine("/nowhere")).publish()

    assert removed.data[charm.unit] == {}
    assert present.data[charm.unit]["kubelet_user"] == "lab/0"


def test_events_are_those_of_all_relations() -> None:
    events = cluster_of(Charm(), Machine("/nowhere")).events()

    kinds = ("relation_joined", "relation_changed", "relation_departed", "relation_broken")
    assert events == [
        f"{name}:{kind}"
        for name in ("kube-control", "certificates", "kube-api-endpoint")
        for kind in kinds
    ]


def test_new_revision_of_a_secret_is_an_event_where_juju_has_secrets() -> None:
    """Credentials may come from a secret: a rotated token is used at once."""
    charm: Any = Charm()
    charm.on = _EventsWithSecrets(charm.on)

    assert cluster_of(charm, Machine("/nowhere")).events()[-1] == "secret-changed"


def test_leader_removes_objects_with_the_kubeconfig_that_was_written_last(
    machine: Machine,
) -> None:
    """The relations may be gone."""
    cluster_of(complete_charm(), machine).access()
    removed: list[Access] = []

    def remove(access: Access) -> list[str]:
        removed.append(access)
        return ["Namespace n remains"]

    follower = cluster_of(Charm(leader=False), machine)
    assert (follower.remove_objects(remove), removed) == ([], [])
    leader = cluster_of(Charm(), machine)
    assert leader.remove_objects(remove) == ["Namespace n remains"]
    assert removed == [Access("https://10.0.0.5:443", CA, "TOKEN")]
    leader.remove_kubeconfig()
    assert not machine.exists(PATH)
    assert leader.remove_objects(remove) == []
    assert len(removed) == 1


def test_access_is_kept_for_the_removal(machine: Machine) -> None:
    """Access that was written before stays, although the relations are gone."""
    cluster = cluster_of(complete_charm(), machine)
    assert cluster.last_access() is None
    cluster.keep_access()
    assert cluster.last_access() == Access("https://10.0.0.5:443", CA, "TOKEN")

    later = cluster_of(Charm(), machine)
    later.keep_access()
    assert later.last_access() == Access("https://10.0.0.5:443", CA, "TOKEN")


def test_reason_for_missing_access_is_kept_for_the_removal(machine: Machine) -> None:
    """An application without a cluster has none."""
    cluster_of(Charm(), machine).keep_access()
    assert cluster_of(Charm(), machine).remove_objects(lambda _: ["x"]) == []

    charm = Charm()
    charm.relate("kube-control", {})
    cluster_of(charm, machine).keep_access()
    cluster = cluster_of(Charm(), machine)
    (sentence,) = cluster.remove_objects(lambda _: ["x"])
    assert sentence.startswith("objects of this application: this unit never had access: no cred")
    cluster.remove_kubeconfig()
    assert cluster.remove_objects(lambda _: ["x"]) == []


def test_failed_removal_is_reported(machine: Machine) -> None:
    """It does not end the hook."""
    cluster_of(complete_charm(), machine).access()
    cluster = cluster_of(Charm(), machine)

    def refuse(_: Access) -> list[str]:
        raise ApiError(403, "Forbidden", "not you")

    assert cluster.remove_objects(refuse) == ["objects of this application: not you"]
    machine.write(PATH, "{}")
    (sentence,) = cluster.remove_objects(refuse)
    assert sentence.startswith("objects of this application: ")
    assert "not you" not in sentence
