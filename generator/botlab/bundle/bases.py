"""Bases such as ``ubuntu@22.04/stable``, and the series of Ubuntu's releases."""

from __future__ import annotations

# juju/charm base.go validOSForBase
_SYSTEMS = {"ubuntu", "centos", "windows", "osx", "opensuse", "genericlinux"}
RISKS = {"stable", "candidate", "beta", "edge"}

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


def is_base(text: str) -> bool:
    """Return whether Juju can parse a base."""
    system, _, channel = text.partition("@")
    if text.count("@") != 1 or system.lower() not in _SYSTEMS:
        return False
    return _is_channel(channel)


def _is_channel(text: str) -> bool:
    parts = text.split("/")
    if not text or not all(parts):
        return False
    if len(parts) == 1:
        return True
    if len(parts) == 2:
        return parts[0] in RISKS or parts[1] in RISKS
    return len(parts) == 3 and parts[1] in RISKS


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
