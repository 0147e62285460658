"""Get the kubeconfig of a lab from its control plane."""

from __future__ import annotations

from ..errors import LiveError
from ..lab import Lab
from ..live_model import LiveModel
from .reader import LARGEST_TEXT, KubeconfigError

ACTION = "get-kubeconfig"
# The charm of 2019 has no action. It writes the file for the user ubuntu on each of its machines.
_FILES = {"kubernetes-master": "/home/ubuntu/config"}
_ACTIONS = ("kubernetes-control-plane", "k8s")


_CHARMS = (*_ACTIONS, *_FILES)


def has_control_plane(lab: Lab) -> bool:
    """Return whether the bundle of a lab has a control plane."""
    return any(lab.charm_name(name) in _CHARMS for name in lab.applications)


def control_plane(lab: Lab) -> str:
    """Return the application whose units have the kubeconfig.

    Raises:
        LiveError: When the bundle has none.
    """
    for name in lab.applications:
        if lab.charm_name(name) in _CHARMS:
            return name
    raise LiveError(
        f"{lab.name}: the bundle has no application of the charms {', '.join(_CHARMS)}, from"
        " which botlab gets the kubeconfig; use --kubeconfig FILE where a command has it"
    )


def source_of_kubeconfig(lab: Lab) -> str:
    """Return where the kubeconfig comes from, for messages.

    Raises:
        LiveError: When the bundle has no control plane.
    """
    name = control_plane(lab)
    path = _FILES.get(lab.charm_name(name))
    return f"{path} of {name}/leader" if path else f"action {ACTION} of {name}/leader"


def fetch_kubeconfig(model: LiveModel, lab: Lab, seconds: float = 120) -> str:
    """Return the kubeconfig of a lab as its control plane gives it. It is a secret.

    Args:
        model: The model of the lab.
        lab: The lab.
        seconds: How long to wait for an action.

    Raises:
        LiveError: When the control plane does not give it.
    """
    name = control_plane(lab)
    path = _FILES.get(lab.charm_name(name))
    if path:
        text = model.read_file(f"{name}/leader", path)
    else:
        text = _from_action(model, f"{name}/leader", seconds)
    if not text.strip():
        raise KubeconfigError(
            f"{source_of_kubeconfig(lab)}: is empty; wait until the control plane is active"
            " (botlab wait)"
        )
    if len(text) > LARGEST_TEXT:
        raise KubeconfigError(f"{source_of_kubeconfig(lab)}: is larger than 1 MiB")
    return text


def _from_action(model: LiveModel, unit: str, seconds: float) -> str:
    action = model.run_action(unit, ACTION, seconds=seconds)
    if not action.is_successful:
        reason = " ".join(action.message.split()) or "without a message"
        raise LiveError(
            f"{unit}: action {ACTION} has the status {action.status}: {reason}; see juju status"
            f" for the state of {unit.partition('/')[0]}"
        )
    text = action.results.get("kubeconfig")
    if not isinstance(text, str):
        raise LiveError(
            f"{unit}: action {ACTION} returned no text in the result kubeconfig; check that the"
            " charm of the model is the one of the bundle (juju status)"
        )
    return text
