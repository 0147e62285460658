"""The gateway's address and URL, and the Deployments that read its certificate from a file.

On real API servers this runs in tests/kube/test_kubeflow_gateway.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from helpers.kubeflow.gateway_objects import (
    ADDRESS,
    HOST,
    GatewayApi,
    deployment,
    release,
    secret,
    service,
)
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.gateway import MOUNTED_SECRET, Gateway
from labcharm.machine import Machine

OLD, NEW = release("0.6.2"), release("1.10.2")


@pytest.mark.parametrize(
    ("ingress", "hostname", "address", "url"),
    [
        ([{"ip": ADDRESS}], "", ADDRESS, f"https://{ADDRESS}"),
        ([{"ip": ADDRESS}], HOST, ADDRESS, f"https://{HOST}"),
        ([{"hostname": "lb.example", "ip": ADDRESS}], "", "lb.example", "https://lb.example"),
        ([{"ip": "fd00::1"}], "", "fd00::1", "https://[fd00::1]"),
        ([{"ip": ADDRESS}, {"ip": "10.0.0.1"}], "", ADDRESS, f"https://{ADDRESS}"),
        ([], HOST, "", ""),
    ],
)
def test_address_and_url_are_of_the_first_entry(
    ingress: list[dict[str, str]], hostname: str, address: str, url: str
) -> None:
    """A host name without an address is not enough."""
    api: Any = GatewayApi(service(*ingress))
    gateway = Gateway(api, NEW, hostname)
    assert (gateway.address(), gateway.url()) == (address, url)


def test_gateway_before_the_installation() -> None:
    """There is no service yet."""
    api: Any = GatewayApi()
    gateway = Gateway(api, OLD)
    assert (gateway.address(), gateway.url(), gateway.ca()) == ("", "", "")
    assert gateway.tls_secret(Machine()) is None
    assert gateway.check() == "the gateway has no address yet"
    assert gateway.login("a", "b") == "the gateway has no address yet"


def test_readers_of_the_mounted_secret_restart_once_for_each_certificate() -> None:
    """Only the application's own ones; later releases mount no certificate."""
    pairs = [tls.self_signed(Machine(), [name]) for name in (HOST, "other.lab.example")]
    api: Any = GatewayApi(
        secret("istio-system", MOUNTED_SECRET, crt=pairs[0].certificate, key=pairs[0].key),
        deployment("istio-ingressgateway", MOUNTED_SECRET),
        deployment("authservice", MOUNTED_SECRET),
        deployment("elsewhere", MOUNTED_SECRET, "other"), deployment("pilot", "istio.pilot"),
        deployment("foreign", MOUNTED_SECRET),
    )  # fmt: skip

    def owns(live: Any) -> bool:
        return bool(live["metadata"]["name"] != "foreign")

    gateway = Gateway(api, OLD)
    readers = [
        "Deployment istio-system/istio-ingressgateway",
        "Deployment istio-system/authservice",
    ]
    assert gateway.restart_readers(owns) == readers
    assert gateway.restart_readers(owns) == []
    api.put(secret("istio-system", MOUNTED_SECRET, crt=pairs[1].certificate, key=pairs[1].key))
    assert gateway.restart_readers(owns) == readers
    assert Gateway(api, NEW).restart_readers(owns) == []
    assert api.patched == ["istio-ingressgateway", "authservice"] * 2
