"""The virtual address of the API servers, as the charm keepalived takes it."""

from __future__ import annotations

from ..site.model import Site


def virtual_ip(site: Site) -> str:
    """Return the address with the bits of its network; empty for a site without one.

    keepalived gives the address to an interface, and without bits it would have its own network
    (option ``virtual_ip``, IP/netmask).
    """
    keepalived = site.kubernetes.keepalived
    if keepalived is None:
        return ""
    networks = [lan.cidr for lan in site.networks.of_machines.values()]
    bits = [network.prefixlen for network in networks if keepalived.address in network]
    return f"{keepalived.address}/{max(bits, default=keepalived.address.max_prefixlen)}"
