"""The status and relation data of the charm by ops' own testing tools, without a cluster."""

from __future__ import annotations

from pathlib import Path

import pytest
from ops import testing

from helpers.charm_modules import load
from helpers.kubeconfigs import unverified
from labcharm.text import STATUS_LIMIT

CHARM = Path(__file__).resolve().parents[3] / "charms/metallb"
KUBE_CONTROL = testing.Relation("kube-control", remote_app_name="kubernetes-master")
CONFIG = {"addresses": "192.168.1.240-192.168.1.250"}


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> testing.Context:
    """Return a context whose machine is a directory."""
    monkeypatch.setenv("METALLB_ROOT", str(tmp_path / "root"))
    return testing.Context(load("metallb").MetallbCharm, charm_root=CHARM)


def test_without_pools_the_unit_is_blocked(context: testing.Context) -> None:
    """The status names the option to set, whatever else is missing."""
    out = context.run(context.on.install(), testing.State(leader=True))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert out.unit_status.message.startswith("no address pool; set addresses")


def test_kube_control_request_names_unit_and_group(context: testing.Context) -> None:
    """The status names the part of the access that is missing, and the log names every part."""
    model = testing.Model("lab", uuid="12345678-90ab-4def-8234-567890abcdef")
    state = testing.State(leader=True, relations={KUBE_CONTROL}, config=CONFIG, model=model)
    out = context.run(context.on.relation_joined(KUBE_CONTROL, remote_unit=0), state)

    bag = out.get_relation(KUBE_CONTROL.id).local_unit_data
    assert bag["kubelet_user"] == "lab-charms:metallb.12345678/0"
    assert bag["auth_group"] == "lab-charms:metallb.12345678"
    assert isinstance(out.unit_status, testing.WaitingStatus)
    assert "no credentials from kube-control" in out.unit_status.message
    assert len(out.unit_status.message) <= STATUS_LIMIT
    (line,) = [line.message for line in context.juju_log if line.message.startswith("status ")]
    assert "no CA certificate" in line


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"addresses": "10.0.0.9-10.0.0.1"}, "is after the end IP"),
        ({"pools": "- {name: a, protocol: layer2}"}, "pool has no prefixes defined"),
        ({"addresses": "10.0.0.0/28", "version": "v0.5"}, "version is 'v0.5'; write one such as"),
        ({"addresses": "10.0.0.0/28", "version": "v0.9.8", "log-level": "debug"}, "use info"),
    ],
)
def test_invalid_option_blocks_before_a_relation_is_waited_for(
    context: testing.Context, config: dict[str, str], message: str
) -> None:
    """The release is not known without a server, so no release may accept the options."""
    out = context.run(context.on.install(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert message in out.unit_status.message
    with pytest.raises(testing.ActionFailed, match=message):
        context.run(context.on.action("verify"), testing.State(leader=True, config=config))


@pytest.mark.parametrize(
    "config",
    [
        {"pools": "- {name: a_b, protocol: layer2, addresses: [10.0.0.0/28]}"},
        {"addresses": "10.0.0.0/28", "log-level": "debug"},
    ],
)
def test_option_that_one_release_accepts_waits_for_the_server(
    context: testing.Context, config: dict[str, str]
) -> None:
    """The server decides which release is installed."""
    relation = testing.Relation("kube-control", remote_app_name="kubernetes-master")
    state = testing.State(leader=True, config=config, relations={relation})
    out = context.run(context.on.install(), state)

    assert isinstance(out.unit_status, testing.WaitingStatus)


def test_missing_relation_blocks(context: testing.Context) -> None:
    """Only the administrator can add it."""
    out = context.run(context.on.install(), testing.State(leader=True, config=CONFIG))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert out.unit_status.message.startswith("kube-control is not related")


def test_kubeconfig_without_tls_verification_blocks(context: testing.Context) -> None:
    """The status contains nothing of the kubeconfig."""
    config = {**CONFIG, "kubeconfig": unverified("hunter2")}
    out = context.run(context.on.config_changed(), testing.State(leader=True, config=config))

    assert isinstance(out.unit_status, testing.BlockedStatus)
    assert "insecure-skip-tls-verify" in out.unit_status.message
    assert "hunter2" not in str(out.unit_status)


def test_unit_that_is_not_the_leader_is_active(context: testing.Context) -> None:
    """Only the leader unit applies objects."""
    out = context.run(context.on.config_changed(), testing.State(leader=False, config=CONFIG))

    assert out.unit_status == testing.ActiveStatus("the leader unit manages MetalLB")


@pytest.mark.parametrize("name", ["sync-objects", "remove-objects"])
def test_writing_actions_fail_without_leadership(context: testing.Context, name: str) -> None:
    """The message says where to run them."""
    with pytest.raises(testing.ActionFailed, match="only the leader"):
        context.run(context.on.action(name), testing.State(leader=False, config=CONFIG))


@pytest.mark.parametrize("name", ["verify", "list-objects", "sync-objects", "remove-objects"])
def test_actions_without_a_cluster_fail(context: testing.Context, name: str) -> None:
    """The message names the relation that is missing."""
    with pytest.raises(testing.ActionFailed, match="kube-control is not related"):
        context.run(context.on.action(name), testing.State(leader=True, config=CONFIG))


def test_remove_objects_needs_no_options(context: testing.Context) -> None:
    """Options that cannot be used do not prevent the removal; access is what is missing here."""
    config = {"addresses": "", "log-level": "loud"}
    with pytest.raises(testing.ActionFailed, match="kube-control is not related"):
        context.run(context.on.action("remove-objects"), testing.State(leader=True, config=config))
