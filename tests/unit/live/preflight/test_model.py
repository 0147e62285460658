"""The model is empty or this site's."""

from __future__ import annotations

import pytest

from botlab.bundle.model import Application, Bundle
from botlab.juju import Juju
from botlab.live.preflight.check import Check
from botlab.live.preflight.model import check_model, check_ssh_keys
from botlab.live.status.model import ApplicationStatus, MachineStatus, ModelStatus

_BUNDLE = Bundle(
    applications={
        "etcd": Application(charm="etcd"),
        "pools": Application(charm="./charms/metallb_jammy-noble_amd64.charm"),
    }
)
_LAB = ModelStatus("lab", controller="maas")


def _check(status: ModelStatus, machine_map: str = "") -> Check:
    (check,) = check_model(status, _BUNDLE, machine_map)
    return check


def _status(**applications: str) -> ModelStatus:
    return ModelStatus(
        "lab",
        applications={
            name: ApplicationStatus(name, charm=charm) for name, charm in applications.items()
        },
    )


def test_empty_model_passes() -> None:
    check = _check(ModelStatus("lab"))
    assert (check.is_ok, check.message) == (True, "lab is empty")


def test_model_with_applications_of_the_site_passes() -> None:
    check = _check(_status(etcd="ch:amd64/jammy/etcd-760", pools="local:jammy/metallb-0"))
    assert (check.is_ok, check.message) == (True, "lab has this site's applications already")


def test_model_with_applications_of_another_site_fails() -> None:
    names = {f"other{number}": "cs:other-1" for number in range(7)}
    check = _check(_status(**names))
    assert not check.is_ok
    assert check.message == (
        "lab has applications of another site: other0, other1, other2, other3, other4 and 2 more"
    )
    assert check.fix == ("name another model with --model, or create one: juju add-model NAME")


def test_application_that_a_changed_site_no_longer_has_is_named() -> None:
    check = _check(_status(etcd="etcd", old="ch:amd64/jammy/old-1"))
    assert check.is_ok
    assert check.message == (
        "lab has this site's applications already, and others that the site does not have: old"
        " (botlab diff --live shows how to remove them)"
    )


def test_model_with_another_charm_of_the_same_application_name_fails() -> None:
    check = _check(_status(etcd="ch:amd64/jammy/etcd-lite-1"))
    assert check.message == "lab has other charms as etcd"
    assert not check.is_ok


def test_kubernetes_model_fails() -> None:
    check = _check(ModelStatus("lab", kind="caas"))
    assert (check.is_ok, check.message) == (False, "lab is a model of a Kubernetes cloud")


@pytest.mark.parametrize(("machine_map", "is_ok"), [("", False), ("existing", True)])
def test_machines_without_applications_need_a_machine_map(machine_map: str, is_ok: bool) -> None:
    machines = {
        "0": MachineStatus("0"),
        "0/lxd/0": MachineStatus("0/lxd/0", parent="0"),
        "1": MachineStatus("1"),
    }
    check = _check(ModelStatus("lab", machines=machines), machine_map)
    assert check.is_ok == is_ok
    if not is_ok:
        assert check.fix == (
            "add --map-machines=existing to use them, or remove them: juju remove-machine 0 1"
            " -m lab"
        )


def test_juju_4_needs_an_ssh_key_in_the_model() -> None:
    (check,) = check_ssh_keys(Juju.V4_0, _LAB, [])
    assert (check.is_ok, check.fix) == (
        False,
        'juju add-ssh-key -m maas:lab "$(cat ~/.ssh/id_ed25519.pub)"',
    )


@pytest.mark.parametrize(
    ("keys", "message"),
    [(["me"], "the model has 1 SSH key"), (["me", "you"], "the model has 2 SSH keys")],
)
def test_juju_4_with_keys_passes(keys: list[str], message: str) -> None:
    (check,) = check_ssh_keys(Juju.V4_0, _LAB, keys)
    assert (check.is_ok, check.message) == (True, message)


def test_juju_before_4_adds_keys_by_itself() -> None:
    assert list(check_ssh_keys(Juju.V3_6, _LAB, [])) == []
