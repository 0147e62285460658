"""The model that the bundle is deployed to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...bundle.charm_url import charm_name
from ...bundle.model import Bundle
from ...findings import listed
from ...juju import Juju
from ..advice import model_command
from ..status.model import ModelStatus
from .check import Check, failed, passed

_OTHER_MODEL = "name another model with --model, or create one: juju add-model NAME"


def check_model(status: ModelStatus, bundle: Bundle, machine_map: str) -> Iterator[Check]:
    """Check that the model is empty or this site's.

    Args:
        status: The state of the model.
        bundle: The bundle of the site.
        machine_map: The value of ``--map-machines``; empty for none.
    """
    if status.kind != "iaas":
        yield failed("model", f"{status.name} is a model of a Kubernetes cloud", _OTHER_MODEL)
        return
    strange = [name for name in status.applications if not bundle.applications.get(name)]
    other_charms = [name for name in status.applications if _has_other_charm(status, bundle, name)]
    if strange and len(strange) == len(status.applications):
        names = listed(strange)
        yield failed(
            "model", f"{status.name} has applications of another site: {names}", _OTHER_MODEL
        )
    elif other_charms:
        names = ", ".join(other_charms)
        yield failed("model", f"{status.name} has other charms as {names}", _OTHER_MODEL)
    else:
        yield _model_of_site(status, machine_map, strange)


def _has_other_charm(status: ModelStatus, bundle: Bundle, name: str) -> bool:
    application = bundle.applications.get(name)
    deployed = charm_name(status.applications[name].charm)
    return application is not None and not _is_same(deployed, application.charm)


def _is_same(deployed: str, charm: str) -> bool:
    """Return whether charms have the same name. An archive's name begins with the charm's."""
    return charm_name(charm).removesuffix(".charm").partition("_")[0] == deployed


def _model_of_site(status: ModelStatus, machine_map: str, strange: Sequence[str]) -> Check:
    """Return the check of a model that is empty or has applications of the site.

    A changed site may lack applications that the model has. They do not prevent a deployment.
    """
    if strange:
        return passed(
            "model",
            f"{status.name} has this site's applications already, and others that the site does"
            f" not have: {listed(strange)} (botlab diff --live shows how to remove them)",
        )
    if status.applications:
        return passed("model", f"{status.name} has this site's applications already")
    machines = [machine for machine in status.machines.values() if not machine.parent]
    if machines and not machine_map:
        numbers = listed([machine.name for machine in machines])
        return failed(
            "model",
            f"{status.name} has machines without applications ({numbers}), which a deployment does"
            " not use",
            "add --map-machines=existing to use them, or remove them:"
            f" {model_command(status, 'remove-machine', *(machine.name for machine in machines))}",
        )
    state = "has machines that the deployment uses" if machines else "is empty"
    return passed("model", f"{status.name} {state}")


def check_ssh_keys(juju: Juju, status: ModelStatus, keys: Sequence[str]) -> Iterator[Check]:
    """Check that somebody can log in to the machines. Juju 4 adds no keys to a model by itself.

    Args:
        juju: The release of the controller.
        status: The state of the model.
        keys: The SSH keys of the model.
    """
    if juju < Juju.V4_0:
        return
    if keys:
        yield passed("ssh keys", f"the model has {len(keys)} SSH key{'s' * (len(keys) != 1)}")
        return
    yield failed(
        "ssh keys",
        "the model has no SSH key, so juju ssh and the kubeconfig of some profiles do not work",
        f'{model_command(status, "add-ssh-key")} "$(cat ~/.ssh/id_ed25519.pub)"',
    )
