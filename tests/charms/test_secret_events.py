"""What every charm does when a secret with its credentials changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from labkube.client.identity import narrow_identity

CHARMS = Path(__file__).resolve().parents[2] / "charms"
CLASSES = {
    "metallb": "MetallbCharm",
    "nvidia-runtime": "NvidiaRuntimeCharm",
    "nfs-server": "NfsServerCharm",
    "kubeflow-installer": "KubeflowInstallerCharm",
}
# The charms whose units work with a narrow identity.
NARROW = {"metallb", "nfs-server", "nvidia-runtime"}
MODEL = testing.Model("lab", uuid="12345678-90ab-4def-8234-567890abcdef")


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_changed_secret_is_handled_at_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The charm publishes its request and reads its access, as in any other hook."""
    monkeypatch.setenv(f"{name.upper().replace('-', '_')}_ROOT", str(tmp_path))
    secret = testing.Secret({"client-token": "TOKEN"}, owner=None)
    user = f"{name}/0"
    if name in NARROW:
        user = narrow_identity(f"{name}.12345678", user).user
    credentials: dict[str, Any] = {user: {"secret-id": secret.id}}
    control_plane = testing.Relation(
        "kube-control", remote_units_data={0: {"creds": json.dumps(credentials)}}
    )
    context = testing.Context(getattr(load(name), CLASSES[name]), charm_root=CHARMS / name)
    state = testing.State(
        leader=True, planned_units=1, secrets={secret}, relations={control_plane}, model=MODEL
    )
    out = context.run(context.on.secret_changed(secret), state)

    bag = out.get_relation(control_plane.id).local_unit_data
    assert bag["kubelet_user"] == user
