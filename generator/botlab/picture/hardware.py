"""The hardware of a machine in short texts, from its constraints or from what Juju knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..bundle.constraints import size_in_mib

# The architecture that needs no mention (see site.machines).
_USUAL_ARCHITECTURE = "amd64"
_UNITS = ("MiB", "GiB", "TiB", "PiB", "EiB")
# The zone of machines that were never put into another one (MAAS, models/zone.py).
_DEFAULT_ZONE = "default"
_ZONES = ("zones", "availability-zone")


def hardware_texts(values: Mapping[str, str], *, are_limits: bool) -> tuple[str, ...]:
    """Return the cores, the memory, the disk and the architecture of a machine.

    Args:
        values: Constraints by name, or the hardware by the same names.
        are_limits: Whether the machine may have more, as with constraints.
    """
    return tuple(_texts(values, "≥ " if are_limits else ""))


def _texts(values: Mapping[str, str], start: str) -> Iterator[str]:
    cores = values.get("cores", "")
    if cores not in ("", "0"):
        yield f"{start}{cores} {'core' if cores == '1' else 'cores'}"
    for key, noun in (("mem", "memory"), ("root-disk", "disk")):
        size = size_text(values.get(key, ""))
        if size:
            yield f"{start}{size} {noun}"
    if values.get("arch", "") not in ("", _USUAL_ARCHITECTURE):
        yield values["arch"]


def size_text(text: str) -> str:
    """Return a size such as ``65536M`` as ``64 GiB``; empty if it is not a size, or 0."""
    size = size_in_mib(text)
    if not size:
        return ""
    power = 0
    while size >= 1024 and power + 1 < len(_UNITS):
        size /= 1024
        power += 1
    return f"{size:.1f}".removesuffix(".0") + f" {_UNITS[power]}"


def zone_of(values: Mapping[str, str]) -> str:
    """Return the zone of a machine; empty if none, several or MAAS's default one are named."""
    zone = next((values[key] for key in _ZONES if values.get(key)), "")
    return "" if "," in zone or zone == _DEFAULT_ZONE else zone
