"""Bases such as ``ubuntu@22.04/stable``, and the series of Ubuntu's releases."""

from __future__ import annotations

from ..juju import Juju
from .channels import RISKS, channel_error
from .go_text import quote

# juju/charm base.go validOSForBase, up to 3.6
_SYSTEMS = {"ubuntu", "centos", "windows", "osx", "opensuse", "genericlinux"}

# Juju core/base supported.go. Newer names come from the distro-info of the client's machine.
_UBUNTU_SERIES = """
precise 12.04, quantal 12.10, raring 13.04, saucy 13.10, trusty 14.04, utopic 14.10, vivid 15.04,
wily 15.10, xenial 16.04, yakkety 16.10, zesty 17.04, artful 17.10, bionic 18.04, cosmic 18.10,
disco 19.04, eoan 19.10, focal 20.04, groovy 20.10, hirsute 21.04, impish 21.10, jammy 22.04,
kinetic 22.10, lunar 23.04, mantic 23.10, noble 24.04, resolute 26.04
"""
SERIES_TO_BASE = {
    series: f"ubuntu@{version}"
    for series, version in (entry.split() for entry in _UBUNTU_SERIES.split(","))
} | {
    "centos7": "centos@7",
    "centos9": "centos@9",
    "genericlinux": "genericlinux@genericlinux",
    "kubernetes": "kubernetes@kubernetes",
}
BASE_TO_SERIES = {base: series for series, base in SERIES_TO_BASE.items()}


# Series that Juju's tables lack and that a client knows from its machine's distro-info, and
# series of other systems that only the clients up to 2.9 know (core/series).
_RECENT_SERIES = {"plucky", "questing"}
_OLD_SERIES = {
    *("centos8", "opensuseleap"),
    *("win2008r2", "win2012", "win2012hv", "win2012hvr2", "win2012r2", "win2016", "win2016hv"),
    *("win2016nano", "win2019", "win7", "win8", "win81", "win10"),
    *("tiger", "leopard", "snowleopard", "lion", "mountainlion", "mavericks", "yosemite"),
    *("elcapitan", "sierra", "highsierra", "mojave", "catalina", "bigsur"),
}


def known_series(juju: Juju) -> set[str]:
    """Return the series that a Juju release knows (``GetOSFromSeries``)."""
    return {*SERIES_TO_BASE, *_RECENT_SERIES, *(_OLD_SERIES if juju < Juju.V3_6 else ())}


def is_base(text: str, juju: Juju = Juju.V3_6) -> bool:
    """Return whether Juju's client accepts a base. Juju 4.0 accepts any operating system."""
    system, _, channel = text.partition("@")
    is_system = bool(system) if juju >= Juju.V4_0 else system.lower() in _SYSTEMS
    return text.count("@") == 1 and is_system and not channel_error(channel)


def base_error(text: str) -> str:
    """Return Juju's message for a base that it cannot plan with; empty when it can.

    The planner's grammar (core/base ``ParseBaseFromString``) is narrower than the grammar of
    the verification: the channel of a base has no branch, and its first part is always a track.
    """
    if text.count("@") != 1:
        return "expected base string to contain os and channel separated by '@'"
    channel = text.partition("@")[2]
    parts = channel.split("/")
    if not channel:
        return "empty channel not valid"
    if len(parts) > 2:
        return f"channel is malformed and has too many components {quote(channel)}"
    if len(parts) == 2 and parts[1] not in RISKS:
        return f"risk in channel {quote(channel)} not valid"
    return "" if parts[0] else f"track in channel {quote(channel)} not valid"


def series_of_base(text: str) -> str:
    """Return the series of a base as Juju's client knows it; empty when it knows none.

    Only the track counts, and Juju's table has no recent series (``GetSeriesFromBase``).
    """
    system, _, channel = text.partition("@")
    base = f"{system.lower()}@{channel.partition('/')[0]}"
    return BASE_TO_SERIES.get(base, "") if system.lower() in ("ubuntu", "centos") else ""


def normalize_base(text: str) -> str:
    """Return a base with its risk: ``ubuntu@22.04`` becomes ``ubuntu@22.04/stable``."""
    system, _, channel = text.partition("@")
    parts = channel.split("/")
    if len(parts) == 1 and parts[0] not in RISKS:
        channel = f"{channel}/stable"
    return f"{system.lower()}@{channel}"


def series_of(series: str, base: str) -> str:
    """Return the series of a series or a base; empty for an unknown base."""
    return series or BASE_TO_SERIES.get(base.partition("/")[0], "")
