"""Bases such as ``ubuntu@22.04/stable``, and the series of Ubuntu's releases."""

from __future__ import annotations

# juju/charm base.go validOSForBase
_SYSTEMS = {"ubuntu", "centos", "windows", "osx", "opensuse", "genericlinux"}
_RISKS = {"stable", "candidate", "beta", "edge"}

SERIES_TO_BASE = {
    "trusty": "ubuntu@14.04",
    "xenial": "ubuntu@16.04",
    "bionic": "ubuntu@18.04",
    "focal": "ubuntu@20.04",
    "jammy": "ubuntu@22.04",
    "noble": "ubuntu@24.04",
    "resolute": "ubuntu@26.04",
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
        return parts[0] in _RISKS or parts[1] in _RISKS
    return len(parts) == 3 and parts[1] in _RISKS


def normalize_base(text: str) -> str:
    """Return a base with its risk: ``ubuntu@22.04`` becomes ``ubuntu@22.04/stable``."""
    system, _, channel = text.partition("@")
    parts = channel.split("/")
    if len(parts) == 1 and parts[0] not in _RISKS:
        channel = f"{channel}/stable"
    return f"{system.lower()}@{channel}"


def series_of(series: str, base: str) -> str:
    """Return the series of a series or a base; empty for an unknown base."""
    return series or BASE_TO_SERIES.get(base.partition("/")[0], "")
