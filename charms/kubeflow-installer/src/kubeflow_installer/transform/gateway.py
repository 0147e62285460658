"""Kubeflow's gateway: a LoadBalancer Service, and HTTPS with the site's certificate.

Upstream ships Istio's ingress gateway as LoadBalancer (0.6), NodePort (0.7, 1.0) or ClusterIP, and
from 0.7 on without HTTPS, while the web applications' cookies work over HTTPS alone.
"""

from typing import List

from labcharm.json_types import JsonObject

# Namespace and name.
SERVICE = ("istio-system", "istio-ingressgateway")
GATEWAY = ("kubeflow", "kubeflow-gateway")
# Where upstream mounts the Secret istio-system/istio-ingressgateway-certs.
CERTIFICATE_DIRECTORY = "/etc/istio/ingressgateway-certs"
# The name identifies the charm's own port.
_PORT = {"name": "https-kubeflow", "number": 443, "protocol": "HTTPS"}


def expose_gateway(manifest: JsonObject, credential: str) -> None:
    """Change the gateway's objects in place; other objects stay as they are.

    Args:
        manifest: The object. The Service becomes a LoadBalancer without node ports. The Gateway
            gets a server for HTTPS, to which HTTP is redirected; a Gateway that has its own server
            for HTTPS (0.6) keeps all its servers.
        credential: The Secret in istio-system that the gateway reads by itself (Istio from 1.5
            on); empty for the certificate that is mounted into the gateway's pod.
    """
    key = (manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"])
    if manifest["kind"] == "Service" and key == SERVICE:
        manifest["spec"]["type"] = "LoadBalancer"
        for port in manifest["spec"].get("ports") or []:
            port.pop("nodePort", None)
    elif manifest["kind"] == "Gateway" and key == GATEWAY:
        _serve_https(manifest["spec"], credential)


def _serve_https(spec: JsonObject, credential: str) -> None:
    servers: List[JsonObject] = spec.get("servers") or []
    https_servers = [server for server in servers if _protocol(server) == "HTTPS"]
    if any(server.get("port") != _PORT for server in https_servers):
        return  # upstream's own
    other_servers = [server for server in servers if server not in https_servers]
    for server in other_servers:
        if _protocol(server) == "HTTP":
            server["tls"] = {"httpsRedirect": True}
    spec["servers"] = [*other_servers, _https_server(servers, credential)]


def _protocol(server: JsonObject) -> str:
    return str((server.get("port") or {}).get("protocol"))


def _https_server(servers: List[JsonObject], credential: str) -> JsonObject:
    hosts = list((servers[0].get("hosts") if servers else None) or ["*"])
    tls: JsonObject = {"mode": "SIMPLE"}
    if credential:
        tls["credentialName"] = credential
    else:
        tls["serverCertificate"] = CERTIFICATE_DIRECTORY + "/tls.crt"
        tls["privateKey"] = CERTIFICATE_DIRECTORY + "/tls.key"
    return {"hosts": hosts, "port": dict(_PORT), "tls": tls}
