"""Access, read from the data bags of Charmed Kubernetes of 2019 and of today."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from labcharm.machine import Machine
from labcharm.status import status_of
from labkube.client import kubeconfig
from labkube.client.access import (
    Access,
    IncompleteAccessError,
    Tokens,
    attached_admin_token,
    client_token,
    kube_control_request,
    narrow_token,
    read_access,
)
from labkube.client.identity import Identity

CA = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"
UNIT = "metallb/0"
# A control plane of 2019: credentials from the leader alone and for all units, no endpoints.
OLD_LEADER = {
    "port": "53",
    "domain": "cluster.local",
    "creds": json.dumps(
        {
            "system:node:node1": {"client_token": "OTHER", "kubelet_token": "K"},
            UNIT: {"client_token": "ADMIN", "kubelet_token": "K", "scope": UNIT},
        }
    ),
}
OLD_FOLLOWER = {"port": "53", "domain": "cluster.local"}
HTTP = {"hostname": "10.0.0.5", "private-address": "10.0.0.9", "port": "443"}
# A control plane of today, with Juju secrets.
NEW = {
    "api-endpoints": '["https://10.246.154.7:6443"]',
    "creds": json.dumps({UNIT: {"client_token": "", "secret-id": "abcd::1234"}}),
    "ca-certificate-secret-id": "abcd::ca",
}
SECRETS = {"abcd::1234": {"client-token": "NEWADMIN"}, "abcd::ca": {"ca-certificate": CA}}


def test_cluster_of_2019_gives_access_by_three_relations() -> None:
    """Token from the leader's bag, URL from the load balancer, CA from easyrsa."""
    access = read_access(UNIT, [OLD_FOLLOWER, OLD_LEADER], [{"ca": CA}], [HTTP])

    assert access == Access("https://10.0.0.5:443", CA, "ADMIN")


def test_cluster_of_today_gives_access_by_kube_control() -> None:
    """Token and CA are in secrets."""
    access = read_access(UNIT, [NEW], None, None, SECRETS.__getitem__)

    assert access == Access("https://10.246.154.7:6443", CA, "NEWADMIN")


# What k8s publishes on a relation that is made after its first deployment (k8s-operator#950).
LATE = {
    "api-endpoints": '["https://10.246.154.7:6443"]',
    "creds": json.dumps({UNIT: {"client_token": "", "secret-id": "abcd::1234"}}),
    "registry-location": "ghcr.io/canonical/cdk",
}


def test_late_relation_to_canonical_kubernetes_asks_for_the_option_kubeconfig() -> None:
    """There is no certificate authority that could be related."""
    with pytest.raises(IncompleteAccessError) as raised:
        read_access(UNIT, [LATE], None, None, SECRETS.__getitem__)

    assert raised.value.pieces == [
        "no CA certificate from kube-control; set the option kubeconfig (action get-kubeconfig of"
        " k8s)"
    ]


@pytest.mark.parametrize(
    "bag",
    [
        {},
        {**LATE, "cohort-keys": "{}"},
        {**LATE, "registry-location": "rocks.canonical.com:443/cdk"},
    ],
)
def test_charmed_kubernetes_asks_for_the_relation_to_its_certificate_authority(
    bag: dict[str, str],
) -> None:
    """Also while the control plane has not published anything."""
    with pytest.raises(IncompleteAccessError) as raised:
        read_access(UNIT, [bag], None, None, SECRETS.__getitem__)

    assert raised.value.pieces[-1] == (
        "no CA certificate; relate certificates to the certificate authority"
    )


def test_endpoints_of_kube_control_win_over_http() -> None:
    """A kubernetes-control-plane without secrets: credentials in the bag, and easyrsa's CA."""
    bag = {**NEW, "creds": OLD_LEADER["creds"]}
    del bag["ca-certificate-secret-id"]
    access = read_access(UNIT, [bag], [{}, {"ca": CA}], [HTTP])

    assert access == Access("https://10.246.154.7:6443", CA, "ADMIN")


def test_ipv6_address_is_bracketed_in_the_url() -> None:
    http = {"hostname": "fd00::5", "port": "443"}
    access = read_access(UNIT, [OLD_LEADER], [{"ca": CA}], [http])

    assert access.url == "https://[fd00::5]:443"


def test_every_missing_piece_is_named_at_once() -> None:
    """Each with the relation that brings it."""
    with pytest.raises(IncompleteAccessError) as raised:
        read_access(UNIT, None, None, None)
    assert len(raised.value.pieces) == 3
    assert "relate kube-api-endpoint" in str(raised.value)

    with pytest.raises(IncompleteAccessError) as raised:
        read_access(UNIT, [OLD_FOLLOWER], [{}], [{}])
    assert raised.value.pieces == [
        "no credentials from kube-control yet",
        "kube-api-endpoint holds no address of the API yet",
        "certificates holds no CA certificate yet",
    ]


@pytest.mark.parametrize(
    ("kube_control", "certificates", "http", "is_blocked"),
    [
        (None, [{"ca": CA}], [HTTP], True),
        ([OLD_LEADER], None, [HTTP], True),
        ([OLD_LEADER], [{"ca": CA}], None, True),
        ([OLD_LEADER], [{}], [HTTP], False),
        ([OLD_LEADER], [{"ca": CA}], [{}], False),
        # The control plane has not answered yet: endpoints and CA may be in its answer.
        ([OLD_FOLLOWER], None, None, False),
        ([{}], [{"ca": CA}], [HTTP], False),
    ],
)
def test_missing_relation_needs_the_administrator(
    kube_control: list[dict[str, str]] | None,
    certificates: list[dict[str, str]] | None,
    http: list[dict[str, str]] | None,
    is_blocked: bool,
) -> None:
    """What related units have yet to publish comes by itself."""
    with pytest.raises(IncompleteAccessError) as raised:
        read_access(UNIT, kube_control, certificates, http)

    expected = "blocked" if is_blocked else "waiting"
    assert status_of(raised.value).name == expected, raised.value.pieces


def test_secret_that_cannot_be_read_is_named() -> None:
    """It may be granted in the next hook, so there is no traceback."""
    fix = "is revoked or not granted yet; if it stays so, relate kube-control again"
    with pytest.raises(IncompleteAccessError) as raised:
        read_access(UNIT, [NEW], [{"ca": CA}], None, {}.__getitem__)
    assert raised.value.pieces == [f"kube-control's secret client-token {fix}"]

    with pytest.raises(IncompleteAccessError) as raised:
        read_access(UNIT, [NEW], None, None, {"abcd::1234": SECRETS["abcd::1234"]}.__getitem__)
    assert raised.value.pieces == [f"kube-control's secret ca-certificate {fix}"]


def test_kube_control_request_names_unit_and_group() -> None:
    """Schema 1 is offered only where secrets can be read: its answer cannot be read elsewhere."""
    identity = Identity(UNIT, "system:masters")
    request = kube_control_request(identity)
    assert request == {"kubelet_user": UNIT, "auth_group": "system:masters"}
    assert kube_control_request(identity, reads_secrets=True)["schema_vers"] == "[0, 1]"


@pytest.mark.parametrize(
    ("choose", "of_2019", "of_k8s"),
    [(client_token, "ADMIN", "NEWADMIN"), (narrow_token, "K", "NEWADMIN"),
     (attached_admin_token, "ADMIN", "")],
)  # fmt: skip
def test_token_of_the_requested_group_is_where_the_control_plane_puts_it(
    choose: Callable[[Tokens], str], of_2019: str, of_k8s: str
) -> None:
    """Charmed Kubernetes adds the administrator's token; k8s gives the requested one alone."""

    def token(bag: dict[str, str]) -> str:
        bags = [{**bag, "api-endpoints": NEW["api-endpoints"]}]
        try:
            return read_access(UNIT, bags, [{"ca": CA}], None, SECRETS.__getitem__, choose).token
        except IncompleteAccessError:
            return ""

    assert (token(OLD_LEADER), token(NEW)) == (of_2019, of_k8s)


def test_token_of_the_requested_group_is_read_from_a_secret() -> None:
    """Today's Charmed Kubernetes has all tokens in one secret."""
    content = {"client-token": "ADMIN", "kubelet-token": "NARROW", "proxy-token": "P"}
    secrets = {**SECRETS, "abcd::1234": content}
    access = read_access(UNIT, [NEW], None, None, secrets.__getitem__, narrow_token)

    assert access.token == "NARROW"  # noqa: S105 - no secret


BAGS = st.lists(
    st.dictionaries(
        st.sampled_from([*OLD_LEADER, *NEW, *HTTP, "ca"]),
        st.sampled_from(
            [*OLD_LEADER.values(), *NEW.values(), CA, "", "null", "[1]", "{", '{"a":1}']
        ),
        max_size=5,
    ),
    max_size=3,
)


@given(st.none() | BAGS, st.none() | BAGS, st.none() | BAGS)
def test_any_bags_give_access_or_name_what_is_missing(
    control: list[dict[str, str]] | None,
    certificates: list[dict[str, str]] | None,
    http: list[dict[str, str]] | None,
) -> None:
    """No other error is raised, and no secret is shown."""
    try:
        access = read_access(UNIT, control, certificates, http, SECRETS.__getitem__)
    except IncompleteAccessError as error:
        shown = str(error)
    else:
        assert access.url.startswith("https://")
        assert access.token
        shown = repr(access)
    assert shown
    assert "ADMIN" not in shown


def test_kubeconfig_is_private_and_reads_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    """It is written once, with mode 0600."""
    root = tmp_path_factory.mktemp("root")
    machine = Machine(str(root))
    access = Access("https://h:1", CA, "TOKEN")

    assert kubeconfig.write(machine, "/root/kubeconfig", access)
    assert not kubeconfig.write(machine, "/root/kubeconfig", access)
    path = root / "root/kubeconfig"
    assert path.stat().st_mode & 0o777 == 0o600
    assert kubeconfig.read(path.read_text(), yaml.safe_load) == access


@pytest.mark.parametrize(
    ("section", "change", "rule"),
    [
        ("cluster", {"insecure-skip-tls-verify": True}, "insecure-skip-tls-verify"),
        ("cluster", {"server": "http://h"}, "not an https URL"),
        ("cluster", {"certificate-authority": "/etc/ca"}, "certificate-authority, which this"),
        ("cluster", {"certificate-authority-data": ""}, "TLS cannot be verified"),
        ("cluster", {"certificate-authority-data": "%%%"}, "is damaged"),
        ("user", {"tokenFile": "/etc/token"}, "tokenFile, which this machine does not have"),
        ("user", {"token": ""}, "neither token nor client-certificate-data"),
    ],
)
def test_kubeconfig_that_cannot_be_used_is_refused_by_its_rule(
    section: str, change: dict[str, object], rule: str
) -> None:
    """The message names the option, the entry and the rule, never a value."""
    document = json.loads(kubeconfig.render(Access("https://h:1", CA, "TOKEN")))
    document[f"{section}s"][0][section].update(change)
    with pytest.raises(kubeconfig.KubeconfigError, match=rule) as raised:
        kubeconfig.read(json.dumps(document), yaml.safe_load)
    assert str(raised.value) == f"option kubeconfig: {raised.value.rule}"
    assert "TOKEN" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", "a: [", "token: hunter2: x", "{}"])
def test_text_that_is_not_a_kubeconfig_is_not_shown(text: str) -> None:
    """It may hold a secret."""
    with pytest.raises(kubeconfig.KubeconfigError) as raised:
        kubeconfig.read(text, yaml.safe_load)
    assert "hunter2" not in str(raised.value)
