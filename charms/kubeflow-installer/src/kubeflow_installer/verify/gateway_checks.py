"""The checks of `verify` that use the gateway: address, host name, certificate, page and login."""

import socket
from typing import List, Optional

from kubeflow_installer.ingress.gateway import Gateway
from labcharm.machine import Machine
from labcharm.text import summarize
from labcharm.verify import Check


def checks(gateway: Gateway, hostname: str = "", machine: Optional[Machine] = None) -> List[Check]:
    """Check address, host name and certificate, and the first page without a login.

    Args:
        gateway: The gateway.
        hostname: The option; empty if people use the address.
        machine: Where openssl reads the certificate; without it the certificate is not checked.

    Raises:
        ApiError: When the cluster does not answer.
    """
    address = gateway.address()
    if not address:
        problem = "the service istio-system/istio-ingressgateway has no load balancer address"
        return [Check("address", False, problem)]
    results = [Check("address", True, f"the gateway has the address {address}")]
    if hostname:
        results.append(_hostname_check(hostname, address))
    if machine is not None:
        concern = gateway.certificate_concern(machine)
        message = concern or gateway.describe_certificate(machine)
        results.append(Check("certificate", not concern, message))
    problem = gateway.check()
    return [*results, Check("url", not problem, problem or f"{gateway.url()} leads to the login")]


def login_check(gateway: Gateway, user: str, password: str) -> Check:
    """Log in as the first user, up to the dashboard.

    Raises:
        ApiError: When the cluster does not answer.
    """
    problem = gateway.login(user, password)
    return Check("login", not problem, problem or f"{user} reached the dashboard")


def _hostname_check(hostname: str, address: str) -> Check:
    """Check what a name resolves to; a name that this machine cannot resolve may be right."""
    addresses = _resolve(hostname)
    if not addresses:
        message = (
            f"this machine's resolver does not know {hostname}; add a DNS record that points it to"
            f" {address}"
        )
        return Check("hostname", True, message)
    matches = bool(set(addresses) & {address, *_resolve(address)})
    message = f"{hostname} resolves to {summarize(addresses)}"
    return Check("hostname", matches, message if matches else f"{message}, not to {address}")


def _resolve(host: str) -> List[str]:
    try:
        return sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, 443)})
    except OSError:
        return []
