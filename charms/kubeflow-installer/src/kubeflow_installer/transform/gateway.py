"""The way into Kubeflow: a LoadBalancer, and HTTPS with a certificate of the site's.

Upstream ships Istio's ingress gateway as LoadBalancer (0.6), NodePort (0.7, 1.0) or ClusterIP, and
from 0.7 on without HTTPS, over which alone the web applications' cookies work.
"""

from typing import Any, Dict, List

Object = Dict[str, Any]

SERVICE = ("istio-system", "istio-ingressgateway")
GATEWAY = ("kubeflow", "kubeflow-gateway")
# The mounted Secret istio-system/istio-ingressgateway-certs; upstream's own place of it.
FOLDER = "/etc/istio/ingressgateway-certs"
# By its name ours is known again.
_PORT = {"name": "https-kubeflow", "number": 443, "protocol": "HTTPS"}


def open_way(found: Object, credential: str) -> None:
    """Change the gateway's objects, where they stand; others stay.

    Args:
        found: The Service gets type LoadBalancer, without ports of nodes. The Gateway gets a
            server for HTTPS, to which HTTP is redirected; one that has a server for HTTPS (0.6)
            keeps them all.
        credential: The Secret in istio-system that the gateway reads by itself (Istio from 1.5
            on); empty means the certificate that is mounted into it.
    """
    place = (found["metadata"].get("namespace", ""), found["metadata"]["name"])
    if found["kind"] == "Service" and place == SERVICE:
        found["spec"]["type"] = "LoadBalancer"
        for port in found["spec"].get("ports") or []:
            port.pop("nodePort", None)
    elif found["kind"] == "Gateway" and place == GATEWAY:
        _serve_https(found["spec"], credential)


def _serve_https(spec: Object, credential: str) -> None:
    servers: List[Object] = spec.get("servers") or []
    https = [one for one in servers if _protocol(one) == "HTTPS"]
    if any(one.get("port") != _PORT for one in https):
        return  # upstream's own
    plain = [one for one in servers if one not in https]
    for server in plain:
        if _protocol(server) == "HTTP":
            server["tls"] = {"httpsRedirect": True}
    spec["servers"] = [*plain, _server(servers, credential)]


def _protocol(server: Object) -> str:
    return str((server.get("port") or {}).get("protocol"))


def _server(servers: List[Object], credential: str) -> Object:
    hosts = list((servers[0].get("hosts") if servers else None) or ["*"])
    tls: Object = {"mode": "SIMPLE"}
    if credential:
        tls["credentialName"] = credential
    else:
        tls["serverCertificate"] = FOLDER + "/tls.crt"
        tls["privateKey"] = FOLDER + "/tls.key"
    return {"hosts": hosts, "port": dict(_PORT), "tls": tls}
