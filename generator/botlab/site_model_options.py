"""The options of the model that a site and its profile need, beside those of its charms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .catalogue.kubeflow import INOTIFY_LIMITS
from .catalogue.profiles import Profile
from .decimals import bounded_int
from .site.proxy import model_settings
from .yaml_text import yaml_compact

if TYPE_CHECKING:
    # A bundle is checked without loading the models of a site.
    from .site.model import Site

CLOUD_INIT = "cloudinit-userdata"
# The same file that the charm kubeflow-installer names in its fix (preflight/host_limits.py).
_FILE = "/etc/sysctl.d/90-kubeflow.conf"


def model_options(site: Site, profile: Profile | None) -> dict[str, str]:
    """Return the options of the model: for Kubeflow's workers, for a proxy, and the site's own.

    Args:
        site: The site.
        profile: Its profile; None if it is not known.
    """
    user_data = yaml_compact({"postruncmd": limit_commands()})
    limits = {CLOUD_INIT: user_data} if needs_cloud_init(site, profile) else {}
    return {**limits, **model_settings(site)}


def needs_cloud_init(site: Site, profile: Profile | None) -> bool:
    """Return whether only cloud-init can set Kubeflow's limits on the workers.

    The charms of some workers have an option `sysctl`, with which the bundle sets them.
    """
    worker = profile.charms.get(profile.worker) if profile else None
    return site.kubeflow is not None and worker is not None and "sysctl" not in worker.options


def limit_commands() -> list[str]:
    """Return the commands that set Kubeflow's limits, for `postruncmd`.

    Juju runs them on each new machine of the model, in containers too, where the kernel refuses
    the limits and nothing needs them.
    """
    redirections = (">", *[">>"] * (len(INOTIFY_LIMITS) - 1))
    lines = zip(INOTIFY_LIMITS.items(), redirections, strict=True)
    writes = [f"echo {key}={limit} {sign} {_FILE}" for (key, limit), sign in lines]
    return [*writes, f"sysctl -p {_FILE} || true"]


def missing_limits(user_data: str) -> list[str]:
    """Return the limits that the text of `cloudinit-userdata` does not set, or sets too low."""
    return [
        key
        for key, limit in INOTIFY_LIMITS.items()
        if not any(bounded_int(value) >= limit for value in _values(key, user_data))
    ]


def _values(key: str, user_data: str) -> list[str]:
    return re.findall(rf"{re.escape(key)}\s*=\s*([0-9]+)", user_data, re.ASCII)
