"""The Secret of the gateway's certificate: when it stays, is renewed, or copied."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

import pytest

from helpers.kubeflow.gateway_objects import ADDRESS, HOST, GatewayApi, release, secret, service
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.gateway import CREDENTIAL_SECRET, MOUNTED_SECRET, Gateway
from kubeflow_installer.ingress.tls import CertificateError, Pair
from kubeflow_installer.releases.table import Release
from labcharm.machine import Machine

DAY = 86400
OLD, NEW = release("0.6.2"), release("1.10.2")
SOURCE = ("lab", "cert")


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    """Make certificates: of address and name, and of another name."""
    machine = Machine()
    return [
        tls.self_signed(machine, [HOST, ADDRESS, "127.0.0.1"]),
        tls.self_signed(machine, ["other.lab.example"]),
    ]


def api_with(*objects: dict[str, Any], address: str = ADDRESS) -> Any:
    """Return an API with the gateway's service and other objects."""
    return GatewayApi(service({"ip": address}), *objects)


def tls_secret(gateway: Gateway) -> dict[str, Any]:
    """Return the Secret that the gateway should have."""
    manifest = gateway.tls_secret(Machine())
    assert manifest is not None
    return manifest


@pytest.mark.parametrize(("kubeflow", "name"), [(OLD, MOUNTED_SECRET), (NEW, CREDENTIAL_SECRET)])
def test_certificate_stays_until_it_has_30_days_left(kubeflow: Release, name: str) -> None:
    api, machine = api_with(), Machine()
    now = [time.time()]
    gateway = Gateway(api, kubeflow, HOST, now=lambda: now[0])
    first = tls_secret(gateway)
    assert first["metadata"] == {"name": name, "namespace": "istio-system"}
    assert first["type"] == "kubernetes.io/tls"
    assert sorted(first["data"]) == ["tls.crt", "tls.key"]
    api.put(first)
    assert tls.read(machine, gateway.ca()).names == (HOST, ADDRESS)
    assert tls_secret(gateway) == first
    now[0] += 366 * DAY
    assert tls_secret(gateway) == first
    assert gateway.certificate_concern(machine) == ""
    now[0] += 1.5 * DAY
    assert gateway.certificate_concern(machine) == (
        "the certificate expires in 29 days; the next hook creates a new one"
    )
    assert tls_secret(gateway)["data"] != first["data"]


def test_certificate_is_replaced_if_it_lacks_a_name() -> None:
    """A host name is set later, or the address changes."""
    api = api_with()
    first = tls_secret(Gateway(api, NEW))
    api.put(first)
    second = tls_secret(Gateway(api, NEW, HOST))
    assert second["data"] != first["data"]
    api.put(second)
    assert tls_secret(Gateway(api, NEW)) == second, "it still covers the address"
    api.put(service({"ip": "10.64.0.101"}))
    assert tls_secret(Gateway(api, NEW))["data"] != second["data"]


def test_certificate_of_kfctl_is_kept(pairs: list[Pair]) -> None:
    """Its type too, which a server does not let anybody change."""
    existing = secret("istio-system", MOUNTED_SECRET, crt=pairs[0].certificate, key=pairs[0].key)
    existing["type"] = "Opaque"
    api = api_with(existing)
    assert tls_secret(Gateway(api, OLD, HOST)) == existing
    api.put(service({"ip": "10.0.0.9"}))
    replaced = tls_secret(Gateway(api, OLD, HOST))
    assert replaced["data"] != existing["data"]
    assert replaced["type"] == "Opaque"


def encoded(text: str) -> str:
    """Return text as a Secret holds it."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda live, _: live["data"].pop("tls.key"),
        lambda live, _: live["data"].update({"tls.crt": encoded("x")}),
        lambda live, other: live["data"].update({"tls.key": encoded(other.key)}),
        lambda live, _: live["data"].update({"tls.crt": "%%%"}),
        lambda live, _: live["data"].update({"tls.crt": "%" + live["data"]["tls.crt"]}),
        lambda live, _: live.pop("data"),
    ],
    ids=["no key", "no certificate", "no pair", "no base64", "damaged base64", "no data"],
)
def test_broken_certificate_is_replaced(
    pairs: list[Pair], spoil: Callable[[dict[str, Any], Pair], object]
) -> None:
    existing = secret(
        "istio-system", CREDENTIAL_SECRET, crt=pairs[0].certificate, key=pairs[0].key
    )
    spoil(existing, pairs[1])
    content = tls_secret(Gateway(api_with(existing), NEW))["data"]
    texts = (base64.b64decode(content[name]).decode() for name in ("tls.crt", "tls.key"))
    assert tls.is_pair(Machine(), Pair(*texts))
    assert content["tls.crt"] != encoded(pairs[0].certificate)


def test_administrators_certificate_is_copied(pairs: list[Pair]) -> None:
    """With its authority. When the option is cleared, a self-signed one replaces it."""
    source = secret(*SOURCE, crt=pairs[0].certificate, key=pairs[0].key, ca=pairs[1].certificate)
    api, machine = api_with(source), Machine()
    gateway = Gateway(api, NEW, HOST, SOURCE)
    copied = tls_secret(gateway)
    assert copied["data"] == source["data"]
    assert copied["metadata"]["annotations"] == {"app.lab-charms/copied-from": "lab/cert"}
    api.put(copied)
    assert gateway.ca() == pairs[0].certificate + pairs[1].certificate
    assert gateway.certificate_concern(machine) == ""
    assert gateway.describe_certificate(machine) == (
        f"the certificate is for {HOST}, {ADDRESS}, 127.0.0.1, and valid for 396 more days"
    )
    own = tls_secret(Gateway(api, NEW, HOST))
    assert own["data"]["tls.crt"] != source["data"]["tls.crt"]
    assert "annotations" not in own["metadata"]


def test_administrators_certificate_for_other_names_is_a_concern(pairs: list[Pair]) -> None:
    """The gateway shows it anyway."""
    source = secret(*SOURCE, crt=pairs[1].certificate, key=pairs[1].key)
    api = api_with(source)
    gateway = Gateway(api, NEW, HOST, SOURCE)
    api.put(tls_secret(gateway))
    assert gateway.certificate_concern(Machine()) == (
        f"the certificate is for other.lab.example, not for {HOST};"
        " put a new certificate into the secret lab/cert"
    )


def test_unusable_certificate_of_the_administrator_is_an_error(pairs: list[Pair]) -> None:
    """The message names the option and the reason, and quotes no key."""
    certificate, other_key = pairs[0].certificate, pairs[1].key
    api = api_with()
    gateway = Gateway(api, NEW, HOST, SOURCE)
    for source, message in (
        (None, "option tls-secret: lab/cert does not exist; create it, or clear the option"),
        (secret(*SOURCE, crt=certificate), "option tls-secret: lab/cert must contain tls.crt"),
        (secret(*SOURCE, crt=certificate, key=other_key), "contains the key of another"),
        (secret(*SOURCE, crt="x", key="y"), "lab/cert cannot be used: cannot make or read"),
        (secret(*SOURCE, crt=certificate, key="y"), "its key is not PEM, or has a password"),
    ):
        if source is not None:
            api.put(source)
        with pytest.raises(CertificateError) as error:
            gateway.tls_secret(Machine())
        assert message in str(error.value)
        assert other_key[40:80] not in str(error.value)
    assert gateway.certificate_concern(Machine()) == (
        "the secret istio-system/kubeflow-gateway-tls does not contain a certificate yet"
    )
