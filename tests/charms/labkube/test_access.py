"""Access out of the data bags of both ages, key by key."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from labcharm.machine import Machine
from labkube.client import kubeconfig
from labkube.client.access import Access, MissingError, find_access, request

CA = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"
UNIT = "metallb/0"
# A control plane of 2019: credentials from the leader alone, no endpoints, the whole map of all.
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
# One of today, with secrets.
NEW = {
    "api-endpoints": '["https://10.246.154.7:6443"]',
    "creds": json.dumps({UNIT: {"client_token": "", "secret-id": "abcd::1234"}}),
    "ca-certificate-secret-id": "abcd::ca",
}
SECRETS = {"abcd::1234": {"client-token": "NEWADMIN"}, "abcd::ca": {"ca-certificate": CA}}


def test_a_cluster_of_2019() -> None:
    """Token from the leader's bag, URL from the load balancer, CA from easyrsa."""
    found = find_access(UNIT, [OLD_FOLLOWER, OLD_LEADER], [{"ca": CA}], [HTTP])

    assert found == Access("https://10.0.0.5:443", CA, "ADMIN")


def test_a_cluster_of_today() -> None:
    """All three from kube-control, two of them by secret."""
    found = find_access(UNIT, [NEW], None, None, SECRETS.__getitem__)

    assert found == Access("https://10.246.154.7:6443", CA, "NEWADMIN")


def test_inline_credentials_of_today_with_the_ca_of_easyrsa() -> None:
    """kubernetes-control-plane without secrets; endpoints win over http."""
    bag = {**NEW, "creds": OLD_LEADER["creds"]}
    del bag["ca-certificate-secret-id"]
    found = find_access(UNIT, [bag], [{}, {"ca": CA}], [HTTP])

    assert found == Access("https://10.246.154.7:6443", CA, "ADMIN")


def test_every_missing_piece_is_named_at_once() -> None:
    """With what brings it."""
    with pytest.raises(MissingError) as raised:
        find_access(UNIT, None, None, None)
    assert len(raised.value.pieces) == 3
    assert "relate kube-api-endpoint" in str(raised.value)

    with pytest.raises(MissingError) as raised:
        find_access(UNIT, [OLD_FOLLOWER], [{}], [{}])
    assert raised.value.pieces == [
        "kube-control holds no credentials for metallb/0 yet",
        "kube-api-endpoint says no address of the API yet",
        "certificates holds no CA certificate yet",
    ]


def test_a_secret_that_is_not_granted_yet_is_a_missing_piece() -> None:
    """No traceback: the next hook has it."""
    with pytest.raises(MissingError, match="no credentials for metallb/0"):
        find_access(UNIT, [NEW], [{"ca": CA}], None, {}.__getitem__)


def test_what_we_publish() -> None:
    """Schema 1 is offered only where secrets can be read: its answer cannot be read elsewhere."""
    assert request(UNIT) == {"kubelet_user": UNIT, "auth_group": "system:masters"}
    assert request(UNIT, reads_secrets=True)["schema_vers"] == "[0, 1]"


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
def test_no_bag_makes_it_fail_otherwise(
    control: list[dict[str, str]] | None,
    certificates: list[dict[str, str]] | None,
    http: list[dict[str, str]] | None,
) -> None:
    """Whatever stands there: access, or what is missing, without a secret in it."""
    told = ""
    try:
        found = find_access(UNIT, control, certificates, http, SECRETS.__getitem__)
    except MissingError as error:
        told = str(error)
    else:
        assert found.url.startswith("https://")
        assert found.token
        told = repr(found)
    assert told
    assert "ADMIN" not in told


def test_kubeconfig_is_roots_alone_and_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Written once, mode 0600, and what is read is what was written."""
    root = tmp_path_factory.mktemp("root")
    machine = Machine(str(root))
    access = Access("https://h:1", CA, "TOKEN")

    assert kubeconfig.write(machine, "/root/kubeconfig", access)
    assert not kubeconfig.write(machine, "/root/kubeconfig", access)
    path = root / "root/kubeconfig"
    assert path.stat().st_mode & 0o777 == 0o600
    assert kubeconfig.read(path.read_text(), yaml.safe_load) == access


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"insecure-skip-tls-verify": True}, "insecure-skip-tls-verify"),
        ({"server": "http://h"}, "no https URL"),
        ({"certificate-authority": "/etc/ca"}, "certificate-authority, which this machine"),
        ({"certificate-authority-data": ""}, "TLS is verified here"),
        ({"certificate-authority-data": "%%%"}, "is damaged"),
    ],
)
def test_a_foreign_kubeconfig_that_cannot_serve(change: dict[str, object], words: str) -> None:
    """The entry and the rule are named, a value never."""
    document = json.loads(kubeconfig.render(Access("https://h:1", CA, "TOKEN")))
    document["clusters"][0]["cluster"].update(change)
    with pytest.raises(kubeconfig.KubeconfigError, match=words) as raised:
        kubeconfig.read(json.dumps(document), yaml.safe_load)
    assert "TOKEN" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "[]", "a: [", "token: hunter2: x", "{}"])
def test_what_is_no_kubeconfig(text: str) -> None:
    """The text is not shown: it may hold a secret."""
    with pytest.raises(kubeconfig.KubeconfigError) as raised:
        kubeconfig.read(text, yaml.safe_load)
    assert "hunter2" not in str(raised.value)
