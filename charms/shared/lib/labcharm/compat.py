"""The one place that knows how Juju and ops differ by age."""

import os
from typing import Dict

_PROXIES = {
    "JUJU_CHARM_HTTP_PROXY": "http_proxy",
    "JUJU_CHARM_HTTPS_PROXY": "https_proxy",
    "JUJU_CHARM_NO_PROXY": "no_proxy",
}


def proxies() -> Dict[str, str]:
    """Return the model's proxies as programs read them.

    Juju hands them to hooks as JUJU_CHARM_*_PROXY and sets no other variable (model settings
    juju-http-proxy, juju-https-proxy and juju-no-proxy).
    """
    found = {name: os.environ.get(key, "") for key, name in _PROXIES.items()}
    lower = {name: value for name, value in found.items() if value}
    return dict(lower, **{name.upper(): value for name, value in lower.items()})


def hook_name() -> str:
    """Return the hook or action that runs, as `hooks/NAME` or `actions/NAME`."""
    return os.environ.get("JUJU_DISPATCH_PATH", "")
