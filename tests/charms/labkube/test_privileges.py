"""The work of a unit: with a narrow identity, and with an administrator's to grant its roles."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.fake_apis.guarded_api import GuardedApi
from helpers.fake_apis.memory_api import MemoryApi
from helpers.related_charm import CA, Charm
from labcharm.errors import BlockedError, CharmError, WaitingError
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labkube.charm.cluster import Cluster
from labkube.charm.privileges import Privileges
from labkube.charm.roles import Grant, Roles, Rule
from labkube.client.access import Access
from labkube.client.api import ApiError
from labkube.client.identity import ADMIN_GROUP, Identity, admin_identity, narrow_identity

APPLICATION = "lab.12345678"
NARROW = narrow_identity(APPLICATION, "lab/0")
ADMIN = admin_identity(APPLICATION, "lab/0")
PATH = "/var/lib/lab/kubeconfig"
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "n"}}
ROLES = Roles(APPLICATION, "lab", [Grant([Rule("", "configmaps", "get", "read it")])])


class ControlPlane:
    """A control plane that answers the request of one unit as a provider does.

    Args:
        charm: The unit's charm, related to it.
        provider: charmed (Charmed Kubernetes), k8s (Canonical Kubernetes), or one that ignores
            the requested group or always gives an administrator's.
    """

    def __init__(self, charm: Charm, provider: str) -> None:
        self._charm, self._provider = charm, provider
        self._bag: dict[str, str] = {"api-endpoints": '["https://10.0.0.5:6443"]'}
        self._relation = charm.relate("kube-control", self._bag)
        charm.relate("certificates", {"ca": CA})
        self._credentials: dict[str, dict[str, str]] = {}
        self._identities: dict[str, Identity] = {}
        self._revoked: set[str] = set()
        self.server = MemoryApi((1, 28))
        self.connections: list[str] = []
        self.knows_new_tokens = True

    @property
    def request(self) -> Identity:
        """The unit's request."""
        bag = self._relation.data[self._charm.unit]
        return Identity(bag.get("kubelet_user", ""), bag.get("auth_group", ""))

    def answer(self) -> None:
        """Publish the credentials of the request; those of earlier requests stay."""
        user, group = self.request
        others = {"ignores the group": "nobody", "always admin": ADMIN_GROUP}
        group = others.get(self._provider, group)
        token = f"{user}={group}" + ("=renewed" if f"{user}={group}" in self._revoked else "")
        self._identities.setdefault(token, Identity(user, group))
        self._identities["root"] = Identity("admin", ADMIN_GROUP)
        tokens = {"client_token": token, "kubelet_token": ""}
        if self._provider != "k8s":
            tokens = {"client_token": "root", "kubelet_token": token}
        self._credentials[user] = tokens
        self._bag["creds"] = json.dumps(self._credentials)

    def change_leader(self) -> None:
        """Answer the current request alone, as a new leader of k8s does."""
        self._credentials.clear()
        self.answer()

    def revoke(self, identity: Identity) -> None:
        """Let the server refuse a token, which stays published until its user is requested."""
        self._revoked.add(f"{identity.user}={identity.group}")

    def connect(self, access: Access) -> Any:
        """Return a client with the rights of a token."""
        identity = self._identities[access.token]
        self.connections.append(identity.group)
        is_new = identity.group != ADMIN_GROUP and not self.knows_new_tokens
        is_refused = is_new or access.token in self._revoked
        return closing(GuardedApi(self.server, None if is_refused else identity))


class Lab:
    """A unit that reads a ConfigMap, and whose leader creates it as an administrator."""

    def __init__(self, root: Path, provider: str, leader: bool = True, option: str = "") -> None:
        self.charm = Charm({"kubeconfig": option}, leader)
        self.control_plane = ControlPlane(self.charm, provider)
        self.machine = Machine(str(root))
        self.cluster = Cluster(self.charm, self.machine, PATH, yaml.safe_load, is_narrow=True)

    def hook(self, roles: Roles = ROLES) -> str:
        """Run a hook, and return the message of its error, or that the work is done."""
        self.cluster.publish()
        leader = self.charm.unit.is_leader()
        privileges = Privileges(
            self.cluster, leader, self.control_plane.connect, sleep=lambda _: None
        )
        try:
            privileges.run(self.cluster.access(), lambda _: roles, _read, _create)
        except CharmError as error:
            kind = next(kind for kind in (BlockedError, WaitingError) if isinstance(error, kind))
            return f"{kind.__name__}: {error}"
        return "done"


def _read(api: Any) -> JsonObject:
    live = api.get(CONFIG_MAP)
    assert live is not None
    return dict(live)


def _create(api: Any) -> None:
    if api.get(CONFIG_MAP) is None:
        api.create(CONFIG_MAP)


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the model."""
    monkeypatch.setenv("JUJU_MODEL_UUID", "12345678-90ab-4def-8234-567890abcdef")


@pytest.mark.parametrize("provider", ["charmed", "k8s"])
def test_only_the_narrow_token_is_stored_and_requested_in_the_end(
    tmp_path: Path, provider: str
) -> None:
    """Charmed Kubernetes sends the administrator's token unasked; k8s is asked for it once."""
    lab = Lab(tmp_path, provider)
    control_plane = lab.control_plane
    assert lab.hook() == "WaitingError: no credentials from kube-control yet"
    assert control_plane.request == NARROW

    control_plane.answer()
    if provider == "k8s":
        assert lab.hook() == (
            "WaitingError: kube-control has yet to give the credentials that create our roles"
        )
        assert control_plane.request == ADMIN
        lab.cluster.publish()  # another hook does not withdraw the pending request
        assert control_plane.request == ADMIN
        control_plane.answer()
    assert lab.hook() == "done"

    assert control_plane.request == NARROW
    assert control_plane.connections[-3:] == [ADMIN_GROUP, NARROW.group, NARROW.group]
    stored = lab.machine.read(PATH) or ""
    assert f"{NARROW.user}={NARROW.group}" in stored
    assert "root" not in stored
    assert "admin" not in stored
    control_plane.connections.clear()
    assert lab.hook() == "done"
    assert control_plane.connections == [NARROW.group]


def test_credentials_that_a_new_leader_of_the_control_plane_dropped_are_requested_again(
    tmp_path: Path,
) -> None:
    """A new leader knows only the current request: the administrator's, if it is pending."""
    lab = Lab(tmp_path, "k8s")
    lab.hook()
    lab.control_plane.answer()
    lab.hook()
    assert lab.control_plane.request == ADMIN

    lab.control_plane.change_leader()
    assert lab.hook() == "WaitingError: no credentials from kube-control yet"
    assert lab.control_plane.request == NARROW
    lab.control_plane.answer()
    assert lab.hook() == "done"
    assert lab.control_plane.request == NARROW


@pytest.mark.parametrize("provider", ["charmed", "k8s"])
def test_roles_of_another_revision_are_replaced(tmp_path: Path, provider: str) -> None:
    """The leader needs the administrator's credentials once more."""
    lab = granted(tmp_path, provider)
    rules = [Rule("", "configmaps", "get list", "read them")]
    assert lab.hook(Roles(APPLICATION, "lab", [Grant(rules)])) == "done"

    assert lab.control_plane.request == NARROW
    assert lab.control_plane.connections.count(ADMIN_GROUP) == 1


def test_deleted_role_is_granted_again(tmp_path: Path) -> None:
    lab = granted(tmp_path, "k8s")
    lab.control_plane.server.objects.clear()

    assert lab.hook() == "done"


def granted(root: Path, provider: str) -> Lab:
    """Return a lab whose roles are granted."""
    lab = Lab(root, provider)
    lab.cluster.publish()
    lab.control_plane.answer()
    lab.hook()
    if provider == "k8s":
        lab.control_plane.answer()
        lab.hook()
    lab.control_plane.connections.clear()
    return lab


def test_unit_that_does_not_lead_never_requests_more(tmp_path: Path) -> None:
    """It also replaces the request that it made when it was the leader."""
    lab = Lab(tmp_path, "k8s", leader=False)
    lab.cluster.publish()
    lab.control_plane.answer()
    assert lab.hook() == (
        "WaitingError: the leader unit has yet to grant this unit's rights on the cluster"
    )
    assert lab.control_plane.request == NARROW

    lab.charm.unit.leader = True
    lab.hook()
    assert lab.control_plane.request == ADMIN
    lab.charm.unit.leader = False
    lab.hook()
    assert lab.control_plane.request == NARROW


def test_provider_that_ignores_the_group_is_named(tmp_path: Path) -> None:
    """The roles exist, and the credentials still lack their rights."""
    lab = Lab(tmp_path, "ignores the group")
    lab.cluster.publish()
    lab.control_plane.answer()

    assert lab.hook() == (
        "BlockedError: kube-control's credentials lack the rights of our roles; set the option"
        " kubeconfig"
    )


@pytest.mark.parametrize("provider", ["charmed", "always admin"])
def test_excessive_credentials_are_logged_when_roles_are_granted(
    tmp_path: Path, provider: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the credentials themselves."""
    lab = granted(tmp_path, provider)

    expected = ["kube-control's credentials for Access('https://10.0.0.5:6443') may do everything"
                " on the cluster"]  # fmt: skip
    messages = [record.getMessage() for record in caplog.records]
    assert messages == (expected if provider == "always admin" else [])
    caplog.clear()
    assert lab.hook() == "done"
    assert not caplog.records


def test_token_that_the_server_does_not_know_yet_is_awaited(tmp_path: Path) -> None:
    """Charmed Kubernetes takes up to a minute; the leader grants the roles meanwhile."""
    lab = Lab(tmp_path, "charmed")
    lab.cluster.publish()
    lab.control_plane.answer()
    lab.control_plane.knows_new_tokens = False
    assert lab.hook() == "WaitingError: the API refuses our credentials (Unauthorized)"

    lab.control_plane.knows_new_tokens = True
    lab.control_plane.connections.clear()
    assert lab.hook() == "done"
    assert lab.control_plane.connections == [NARROW.group]


def test_failed_work_of_an_administrator_withdraws_the_request(tmp_path: Path) -> None:
    lab = granted(tmp_path, "k8s")
    lab.control_plane.server.objects.clear()
    rule = Rule("", "configmaps", "get", "x")

    class FailingRoles(Roles):
        def grant(self, api: Any) -> None:
            raise ApiError(0, "", "no route to host")

    lab.hook(FailingRoles(APPLICATION, "lab", [Grant([rule])]))
    assert lab.control_plane.request == NARROW


def test_revoked_credentials_of_an_administrator_are_requested_again(tmp_path: Path) -> None:
    """They stay published since the last grant; the roles of a later revision need them."""
    lab = granted(tmp_path, "k8s")
    lab.control_plane.revoke(ADMIN)
    roles = Roles(APPLICATION, "lab", [Grant([Rule("", "configmaps", "get list", "read them")])])

    assert "Unauthorized" in lab.hook(roles)
    assert lab.control_plane.request == ADMIN
    lab.control_plane.answer()
    assert lab.hook(roles) == "done"
    assert lab.control_plane.request == NARROW


@pytest.mark.parametrize("message", ["exceeded quota: q", "denied by policy"])
def test_refusal_by_admission_requests_nothing(tmp_path: Path, message: str) -> None:
    """Admission controllers answer with the status of a missing right."""
    lab = granted(tmp_path, "k8s")

    def refuse(_: Any) -> None:
        raise ApiError(403, "Forbidden", f'pods "x" is forbidden: {message}')

    privileges = Privileges(lab.cluster, True, lab.control_plane.connect)
    with pytest.raises(ApiError, match=message):
        privileges.run(lab.cluster.access(), lambda _: ROLES, refuse, _create)
    assert lab.control_plane.connections == [NARROW.group]


def test_unit_without_work_withdraws_its_request(tmp_path: Path) -> None:
    """As a unit of an earlier revision, which requested an administrator's."""
    lab = granted(tmp_path, "k8s")
    lab.cluster.publish(needs_access=False)

    assert lab.control_plane.request == Identity("", "")
