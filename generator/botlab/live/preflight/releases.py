"""The releases of the client, the controller and the site."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...juju import Juju
from ...shell import command_line, repeated
from .check import Check, failed, passed

# juju#22057: up to 4.0.11, a machine that has only containers is shown as down, and units in
# containers of a bundle were placed wrongly. The fix (juju#22519) is in 4.0.12.
OLDEST_JUJU_4 = (4, 0, 12)
_NUMBERS = re.compile(r"[0-9]{1,6}", re.ASCII)


def check_releases(site: Juju, client: str, controller: str, name: str = "") -> Iterator[Check]:
    """Check that the three releases fit each other.

    Args:
        site: The release line that the site names.
        client: The version of the client; empty if the backend has none.
        controller: The version of the controller.
        name: The name of the controller; empty for the current one.
    """
    if client:
        yield _check_client(client, controller)
    yield _check_site(site, controller)
    if (4, 0) <= _version(controller) < OLDEST_JUJU_4:
        yield failed(
            "controller",
            f"Juju {controller} shows machines that have only containers as down, and may place"
            " units in containers wrongly (fixed in 4.0.12)",
            command_line("juju", "upgrade-controller", *repeated("-c", filter(None, [name]))),
        )


def _check_client(client: str, controller: str) -> Check:
    """Return whether the client can drive the controller: it may be newer, in the same major."""
    if _version(client)[:1] == _version(controller)[:1]:
        return passed("client", f"the juju client has version {client}")
    major = _version(controller)[0] if _version(controller) else controller
    line = ".".join(map(str, _version(controller)[:2]))
    return failed(
        "client",
        f"the juju client has version {client}, and the controller needs a client of Juju {major}",
        command_line("sudo", "snap", "refresh", "juju", f"--channel={line}/stable"),
    )


def _check_site(site: Juju, controller: str) -> Check:
    line = ".".join(map(str, _version(controller)[:2]))
    if line == site.value:
        return passed("controller", f"the controller has Juju {controller}")
    supported = {release.value for release in Juju}
    fix = (
        f'write juju: "{line}" in the site file, and validate it again'
        if line in supported
        else f"use a controller of Juju {site.value} (--controller NAME)"
    )
    return failed(
        "controller",
        f"the controller has Juju {controller}, and the site is written for Juju {site.value}",
        fix,
    )


def _version(text: str) -> tuple[int, ...]:
    """Return the numbers at the start of a version: ``(3, 6, 11)`` of ``3.6.11-ubuntu-amd64``."""
    start = re.match(r"[0-9.]*", text)
    return tuple(map(int, _NUMBERS.findall(start[0]))) if start else ()
