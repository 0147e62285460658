"""The gateway is a LoadBalancer and serves HTTPS."""

from __future__ import annotations

import copy

import pytest

from helpers.kubeflow.transform_cases import (
    SITE,
    manifest_of,
)
from kubeflow_installer.transform.transform import (
    transform_object,
)
from labcharm.json_types import JsonObject


def test_gateway_service_becomes_a_load_balancer() -> None:
    """Whatever type it has; node ports are removed, because they would clash."""
    ports = [{"name": "http2", "port": 80, "nodePort": 31380}, {"name": "x", "port": 15020}]
    spec = {"type": "NodePort", "ports": ports, "selector": {"istio": "ingressgateway"}}
    manifest = transform_object(
        manifest_of("Service", "istio-ingressgateway", "istio-system", spec=spec), SITE
    )

    assert manifest["spec"] == {
        "type": "LoadBalancer",
        "ports": [{"name": "http2", "port": 80}, {"name": "x", "port": 15020}],
        "selector": {"istio": "ingressgateway"},
    }
    for name, namespace in (("dex", "auth"), ("istio-ingressgateway", "other")):
        service = manifest_of("Service", name, namespace, spec=spec)
        assert transform_object(service, SITE) is service


HTTP = {"hosts": ["*"], "port": {"name": "http", "number": 80, "protocol": "HTTP"}}

FOLDER = "/etc/istio/ingressgateway-certs"


def gateway(*servers: JsonObject, name: str = "kubeflow-gateway") -> JsonObject:
    """Return the Gateway with these servers."""
    spec = {"selector": {"istio": "ingressgateway"}, "servers": copy.deepcopy(list(servers))}
    return manifest_of("Gateway", name, api="networking.istio.io/v1alpha3", spec=spec)


@pytest.mark.parametrize(
    ("credential", "tls"),
    [
        ("kubeflow-gateway-tls", {"credentialName": "kubeflow-gateway-tls"}),
        ("", {"serverCertificate": f"{FOLDER}/tls.crt", "privateKey": f"{FOLDER}/tls.key"}),
    ],
)
def test_gateway_serves_https_and_redirects_http(credential: str, tls: JsonObject) -> None:
    """With a Secret that Istio reads itself, or with the files that its old releases mount."""
    transformed = transform_object(gateway(HTTP), SITE._replace(credential=credential))

    assert transformed["spec"]["servers"] == [
        {**HTTP, "tls": {"httpsRedirect": True}},
        {
            "hosts": ["*"],
            "port": {"name": "https-kubeflow", "number": 443, "protocol": "HTTPS"},
            "tls": {"mode": "SIMPLE", **tls},
        },
    ]


def test_gateway_follows_another_source_of_the_certificate() -> None:
    """This is a move to another release."""
    old = transform_object(gateway(HTTP), SITE._replace(credential=""))

    assert transform_object(old, SITE) == transform_object(gateway(HTTP), SITE)


def test_gateway_of_kfctl_0_6_stays() -> None:
    """It serves dex and the rest over HTTPS already, with the same files."""
    tls = {"mode": "SIMPLE", "serverCertificate": f"{FOLDER}/tls.crt",
           "privateKey": f"{FOLDER}/tls.key"}  # fmt: skip
    servers = [
        {"hosts": ["*"], "port": {"name": name, "number": number, "protocol": "HTTPS"}, "tls": tls}
        for name, number in (("https-dex", 5556), ("https", 443))
    ]
    manifest = gateway(*servers)

    assert transform_object(manifest, SITE._replace(credential="")) is manifest


def test_other_gateways_stay() -> None:
    """Knative's are for traffic within the cluster."""
    manifest = gateway(HTTP, name="cluster-local-gateway")

    assert transform_object(manifest, SITE) is manifest
