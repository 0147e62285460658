"""The unit's status after hooks, by ops' own testing tools, without a cluster."""

from __future__ import annotations

from ops import testing

from helpers.kubeconfigs import unverified

CONTROL = testing.Relation("kube-control", remote_app_name="kubernetes-master")
PEER = testing.PeerRelation("installers")


def test_kube_control_request_names_unit_and_group(context: testing.Context) -> None:
    """The status names everything that the relation does not provide yet."""
    state = testing.State(leader=True, relations={CONTROL, PEER})
    out = context.run(context.on.relation_joined(CONTROL, remote_unit=0), state)

    bag = out.get_relation(CONTROL.id).local_unit_data
    assert bag["kubelet_user"] == "kubeflow-installer/0"
    assert bag["auth_group"] == "system:masters"
    assert isinstance(out.unit_status, testing.WaitingStatus)
    assert "credentials" in out.unit_status.message
    assert "CA certificate" in out.unit_status.message


def test_invalid_options_block_whatever_else_is_missing(context: testing.Context) -> None:
    """The status describes all of them."""
    config = {"user": "nobody", "hostname": "10.0.0.1"}
    out = context.run(context.on.config_changed(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "user is 'nobody'" in out.unit_status.message
    assert "hostname is '10.0.0.1'" in out.unit_status.message


def test_kubeconfig_without_verification_blocks(context: testing.Context) -> None:
    """The status quotes nothing of the kubeconfig."""
    config = {"kubeconfig": unverified("hunter2")}
    out = context.run(context.on.config_changed(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "option kubeconfig: " in out.unit_status.message
    assert "insecure-skip-tls-verify" in out.unit_status.message
    assert "hunter2" not in str(out.unit_status)


def test_only_the_leader_unit_applies_objects(context: testing.Context) -> None:
    out = context.run(context.on.config_changed(), testing.State(leader=False))

    assert out.unit_status == testing.ActiveStatus("the leader unit manages Kubeflow")


def test_uninstalled_application_stays_uninstalled(context: testing.Context) -> None:
    """Until the action install runs, whichever unit is the leader."""
    peer = testing.PeerRelation("installers", local_app_data={"removed": "true"})
    state = testing.State(leader=True, relations={peer})
    out = context.run(context.on.update_status(), state)

    message = 'uninstalled by action; run the action "install" to reinstall'
    assert out.unit_status == testing.BlockedStatus(message)


def test_unused_revision_of_the_own_secret_is_deleted(context: testing.Context) -> None:
    """Otherwise the old passwords stay in Juju for ever."""
    secret = testing.Secret({"password": "new"}, label="credentials", owner="app")
    for name in ("_tracked_revision", "_latest_revision"):  # the tools have no argument for these
        object.__setattr__(secret, name, 2)
    state = testing.State(leader=True, secrets={secret}, relations={PEER})
    context.run(context.on.secret_remove(secret, revision=1), state)

    assert context.removed_secret_revisions == [1]
