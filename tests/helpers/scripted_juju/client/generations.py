"""The releases of Juju that the scripted client can be, and what differs between them."""

from __future__ import annotations

from typing import NamedTuple

NAMES = ("2.6", "2.9", "3.6", "4.0")
VERSIONS = {"2.6": "2.6.10", "2.9": "2.9.51", "3.6": "3.6.26", "4.0": "4.0.15"}
SERIES = {
    "14.04": "trusty",
    "16.04": "xenial",
    "18.04": "bionic",
    "20.04": "focal",
    "22.04": "jammy",
    "24.04": "noble",
    "26.04": "resolute",
}
BASES = {series: base for base, series in SERIES.items()}


class Generation(NamedTuple):
    """One release of Juju."""

    name: str

    @property
    def position(self) -> int:
        """The position among the releases, the oldest first."""
        return NAMES.index(self.name)

    @property
    def is_juju2(self) -> bool:
        """Whether this is a 2.x release: series, `run-action`, lists of related names."""
        return self.position < NAMES.index("3.6")

    @property
    def is_juju4(self) -> bool:
        """Whether this is a 4.x release."""
        return self.name == "4.0"

    @property
    def has_strict_snap(self) -> bool:
        """Whether the snap of the client is strictly confined."""
        return not self.is_juju2

    def covers(self, first: str, last: str) -> bool:
        """Return whether this release lies between two others, both included."""
        return NAMES.index(first) <= self.position <= NAMES.index(last)


def series_of(base: str) -> str:
    """Return the series of a base such as ``ubuntu@22.04``."""
    version = base.rpartition("@")[2].partition("/")[0]
    return SERIES.get(version, version)


def base_of(text: str) -> str:
    """Return the base ``ubuntu@VERSION`` of a base or a series; empty for empty text."""
    if not text:
        return ""
    if "@" in text:
        return text.partition("/")[0]
    return f"ubuntu@{BASES.get(text, text)}"
