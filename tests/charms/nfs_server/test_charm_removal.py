"""The action remove-objects and its end by sync-objects, also when the charm is killed in between.

A killed hook or action loses what it would have stored: Juju and ops store it at the end. Here the
next run gets the state from before. The packed charm and a real server are in tests/kube.
"""

from __future__ import annotations

from typing import Any

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.nfs.lab import DEPLOYMENT, Lab
from helpers.nfs.storage_api import KilledError
from labkube.client.access import Access
from labkube.client.kubeconfig import render

CONFIG = {"kubeconfig": render(Access("https://10.0.0.1:6443", "a CA", "a token"))}
BEFORE = testing.State(leader=True, planned_units=1, config=CONFIG)
SUMMARY = "1 directory exported to 1 client"


@pytest.fixture
def context(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> testing.Context:
    """Return the context with objects on the cluster, which the charm removes there."""
    charm: Any = load("nfs-server").NfsServerCharm
    monkeypatch.setattr(charm, "_remove_objects", lambda _, access: lab.remove(access))
    context.run(context.on.update_status(), BEFORE)
    lab.steps.clear()
    return context


def run_hook(context: testing.Context) -> testing.State:
    """Run update-status with the state that Juju had stored before."""
    return context.run(context.on.update_status(), BEFORE)


def run_killed(context: testing.Context, lab: Lab, action: str) -> None:
    """Run an action that is killed at its write to the cluster."""
    lab.kills = True
    with pytest.raises(KilledError):
        context.run(context.on.action(action), BEFORE)
    lab.steps.clear()


def test_removed_objects_stay_removed(context: testing.Context, lab: Lab) -> None:
    """Until sync-objects; whatever Juju stored."""
    context.run(context.on.action("remove-objects"), BEFORE)

    status = run_hook(context).unit_status
    assert status == testing.BlockedStatus(
        f"objects removed by action; run sync-objects to apply them; {SUMMARY}"
    )
    context.run(context.on.action("sync-objects"), BEFORE)
    assert run_hook(context).unit_status.name == "active"


def test_killed_removal_is_not_undone(context: testing.Context, lab: Lab) -> None:
    """The status is read from the cluster, and names what to do."""
    run_killed(context, lab, "remove-objects")

    status = run_hook(context).unit_status
    assert status == testing.BlockedStatus(
        f"run remove-objects again or sync-objects: Deployment a-system/a remains; {SUMMARY}"
    )
    assert not [step for step in lab.steps if step.startswith("apply")]
    context.run(context.on.action("remove-objects"), BEFORE)
    assert run_hook(context).unit_status.message.startswith("objects removed by action")


def test_killed_sync_is_continued(context: testing.Context, lab: Lab) -> None:
    """Its objects are on the cluster, so the status must not say that they were removed."""
    context.run(context.on.action("remove-objects"), BEFORE)
    run_killed(context, lab, "sync-objects")
    assert lab.owned == [DEPLOYMENT]

    assert run_hook(context).unit_status.name == "active"
    assert "apply" in " ".join(lab.steps)


def test_kubeconfig_goes_with_the_last_object(
    context: testing.Context, lab: Lab, tmp_path: Any
) -> None:
    """Also when the action was killed before it removed the kubeconfig."""
    file = tmp_path / "var/lib/nfs-server-charm/kubeconfig"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{}")
    run_killed(context, lab, "remove-objects")
    run_hook(context)
    assert file.exists(), "the removal of the application may still need it"

    lab.owned = []
    run_hook(context)
    assert not file.exists()


def test_stored_state_of_former_versions_is_kept(context: testing.Context, lab: Lab) -> None:
    """They stored the flag by ops."""
    stored = testing.StoredState("_stored", owner_path="NfsServerCharm", content={"removed": True})
    state = testing.State(leader=True, planned_units=1, config=CONFIG, stored_states={stored})
    message = context.run(context.on.upgrade_charm(), state).unit_status.message

    assert message.startswith("run remove-objects again or sync-objects")
    assert not [step for step in lab.steps if step.startswith("apply")]
