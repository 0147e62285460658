"""Objects that the application did not make are not touched without being asked to."""

from __future__ import annotations

from helpers.juju.unit import Unit
from helpers.kube.api_server import ApiServer
from helpers.kube.metallb import owned_objects
from helpers.kube.related import answer, leave, run


def test_metallb_that_was_applied_by_hand_is_adopted_on_request(
    cluster: ApiServer, unit: Unit
) -> None:
    """The status names it; sync-objects adopt=true adopts it."""
    cluster.kubectl("create", "namespace", "metallb-system")
    cluster.kubectl("create", "sa", "-n", "metallb-system", "speaker")

    status = run(unit, "install")

    assert status.startswith("blocked: foreign objects: "), status
    assert "adopt=true" in status
    assert owned_objects(cluster) == {}
    action = unit.action("sync-objects", adopt=True)
    assert not action.get("failed"), action
    assert run(unit, "update-status").startswith("waiting: MetalLB")


def test_removal_retains_the_namespace_of_foreign_objects(cluster: ApiServer, unit: Unit) -> None:
    """The log names what stays, and why."""
    run(unit, "install")
    cluster.kubectl("create", "cm", "-n", "metallb-system", "foreign", "--from-literal=a=b")

    leave(unit)

    reason = "stays, because it contains foreign objects: ConfigMap foreign"
    assert f"Namespace metallb-system {reason}" in unit.log()
    assert set(owned_objects(cluster)) == {"Namespace metallb-system"}
    cluster.kubectl("get", "cm", "-n", "metallb-system", "foreign")


def test_metallb_of_another_model_is_foreign(cluster: ApiServer, unit: Unit) -> None:
    """Two models with an application of the same name share a cluster."""
    run(unit, "install")
    objects = owned_objects(cluster)
    unit.environment["JUJU_MODEL_UUID"] = "11111111-0000-0000-0000-000000000000"
    run(unit, "config-changed")  # requests an identity of its own
    answer(unit, cluster, "today")

    status = run(unit, "config-changed")

    assert status.startswith("blocked: foreign objects: "), status
    assert owned_objects(cluster) == objects
