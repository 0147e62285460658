"""The keys of a model's configuration that each Juju knows, and the type of each key.

Source: the table ``configSchema`` of juju/juju, in environs/config/config.go of 2.6.6 (550d4fdf),
2.9.21 and 3.6 (1c91c54f), and in environs/config/schema.go of 4.0 (c087a0e2).
"""

from __future__ import annotations

from ...juju import Juju

# Juju refuses to change them in a model (`immutableAttributes`). The command upgrade-model changes
# the version of the agents.
FIXED_KEYS = frozenset(("name", "type", "uuid", "firewall-mode", "charmhub-url", "agent-version"))
# Juju refuses these beside the keys with `juju-`.
LEGACY_PROXY_KEYS = ("http-proxy", "https-proxy", "ftp-proxy", "no-proxy")
# From 3.6 on, its facade modelconfig refuses to set this key (checkAuthorizedKeys).
AUTHORIZED_KEYS = "authorized-keys"

_BOOLEAN_KEYS = """\
automatically-retry-hooks container-image-metadata-defaults-disabled development
disable-network-management disable-telemetry enable-os-refresh-update enable-os-upgrade
ignore-machine-addresses image-metadata-defaults-disabled logforward-enabled proxy-ssh
ssl-hostname-verification test-mode transmit-vendor-metrics
"""
BOOLEAN_KEYS = frozenset(_BOOLEAN_KEYS.split())
NUMBER_KEYS = frozenset(
    ("net-bond-reconfigure-delay", "num-container-provision-workers", "num-provision-workers")
)
_PROXIES = tuple(f"{prefix}{key}" for prefix in ("", "juju-", "apt-") for key in LEGACY_PROXY_KEYS)
# The keys whose values are URLs of proxies.
PROXY_URL_KEYS = frozenset(
    f"{prefix}{protocol}-proxy"
    for prefix in ("", "juju-", "apt-", "snap-")
    for protocol in ("http", "https", "ftp")
)
_TEXT_KEYS = """\
agent-metadata-url agent-stream apt-mirror authorized-keys backup-dir cloudinit-userdata
container-image-metadata-url container-image-stream container-inherit-properties
container-networking-method egress-subnets extra-info image-metadata-url image-stream
logging-config max-action-results-age max-action-results-size resource-tags snap-http-proxy
snap-https-proxy snap-store-assertions snap-store-proxy storage-default-block-source
storage-default-filesystem-source update-status-hook-interval
"""
# The keys that not every Juju has, each with the first and the last that has it.
_PARTLY_KNOWN = {
    "charmhub-url": (Juju.V2_9, Juju.V4_0),
    "container-image-metadata-defaults-disabled": (Juju.V3_6, Juju.V4_0),
    "default-base": (Juju.V3_6, Juju.V4_0),
    # No key of 3.6's table, but its facade modelconfig turns it into default-base.
    "default-series": (Juju.V2_6, Juju.V3_6),
    "default-space": (Juju.V2_9, Juju.V4_0),
    "disable-telemetry": (Juju.V2_9, Juju.V4_0),
    "fan-config": (Juju.V2_6, Juju.V3_6),
    "gui-stream": (Juju.V2_9, Juju.V2_9),
    "ignore-machine-addresses": (Juju.V2_6, Juju.V3_6),
    "image-metadata-defaults-disabled": (Juju.V3_6, Juju.V4_0),
    "logforward-enabled": (Juju.V2_6, Juju.V3_6),
    "logging-output": (Juju.V3_6, Juju.V3_6),
    "lxd-snap-channel": (Juju.V2_9, Juju.V4_0),
    "max-status-history-age": (Juju.V2_6, Juju.V3_6),
    "max-status-history-size": (Juju.V2_6, Juju.V3_6),
    "mode": (Juju.V2_9, Juju.V4_0),
    "num-container-provision-workers": (Juju.V3_6, Juju.V4_0),
    "num-provision-workers": (Juju.V3_6, Juju.V4_0),
    "provisioner-harvest-mode": (Juju.V2_6, Juju.V3_6),
    "saas-ingress-allow": (Juju.V3_6, Juju.V4_0),
    "secret-backend": (Juju.V3_6, Juju.V3_6),
    "snap-store-proxy-url": (Juju.V2_9, Juju.V4_0),
    "ssh-allow": (Juju.V3_6, Juju.V4_0),
    "syslog-ca-cert": (Juju.V2_6, Juju.V3_6),
    "syslog-client-cert": (Juju.V2_6, Juju.V3_6),
    "syslog-client-key": (Juju.V2_6, Juju.V3_6),
    "syslog-host": (Juju.V2_6, Juju.V3_6),
}
_ALL_KEYS = FIXED_KEYS.union(
    _PROXIES, _TEXT_KEYS.split(), BOOLEAN_KEYS, NUMBER_KEYS, _PARTLY_KNOWN
)


def known_keys(juju: Juju) -> frozenset[str]:
    """Return the keys that a Juju release knows."""
    return frozenset(key for key in _ALL_KEYS if juju in releases_with(key))


def releases_with(key: str) -> list[Juju]:
    """Return the Juju releases that know a key; none for a key that no release has."""
    if key not in _ALL_KEYS:
        return []
    first, last = _PARTLY_KNOWN.get(key, (Juju.V2_6, Juju.V4_0))
    return [juju for juju in Juju if first <= juju <= last]
