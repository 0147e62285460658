"""The model configuration that a site needs: its own, and that for a proxy.

The keys are the same in Juju 2.6, 2.9, 3.6 and 4.0 (juju/juju environs/config/config.go): the
agents, hooks and apt use ``juju-http-proxy`` and its companions, unless ``apt-http-proxy`` is set,
and snapd only uses ``snap-http-proxy``. Juju refuses the older ``http-proxy`` beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site.
    from .applications import Scalar
    from .model import Site

# Juju's default of `juju-no-proxy`.
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


def model_settings(site: Site) -> dict[str, str]:
    """Return the options of the model that a site needs: for its proxy, and its own."""
    own = {key: setting_text(setting) for key, setting in site.configuration.items()}
    return {**_proxy_settings(site), **own}


def setting_text(setting: Scalar) -> str:
    """Return a value of `model-config` as the command `juju model-config` gets it."""
    return str(setting).lower() if isinstance(setting, bool) else str(setting)


def _proxy_settings(site: Site) -> dict[str, str]:
    proxy = site.proxy
    if proxy is None or not proxy.is_used:
        return {}
    exceptions = list(dict.fromkeys(_exceptions(site)))
    return proxy_options(proxy.http, proxy.https, exceptions)


def proxy_options(http: str, https: str, exceptions: Sequence[str]) -> dict[str, str]:
    """Return the options of a model for a proxy.

    Args:
        http: The proxy for HTTP, as a URL; empty for none.
        https: The proxy for HTTPS, as a URL; empty for none.
        exceptions: The hosts and networks that are reached without the proxy.
    """
    settings: dict[str, str] = {}
    for prefix in ("juju", "apt", "snap"):
        settings |= {f"{prefix}-http-proxy": http, f"{prefix}-https-proxy": https}
    settings["juju-no-proxy"] = ",".join(exceptions)
    return {key: text for key, text in settings.items() if text}


def _exceptions(site: Site) -> Iterator[str]:
    """Yield what is reached without the proxy: this host, the lab, and the cluster's networks."""
    networks = [network.cidr for network in site.networks.of_machines.values()]
    yield from LOCAL_HOSTS
    yield from site.proxy.no_proxy if site.proxy else ()
    yield from map(str, networks)
    for machine in site.machines.values():
        for address in machine.addresses:
            if not any(address in network for network in networks):
                yield str(address)
    yield from map(str, (*site.networks.of_services, *site.networks.of_pods))
