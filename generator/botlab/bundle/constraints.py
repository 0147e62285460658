"""Constraints, and Juju's messages for invalid ones.

Source: juju/juju core/constraints at 2.6, 2.9, 3.6 and 4.0 (``Parse``, ``setRaw``).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from ..juju import Juju
from .go_text import quote

_NAMES_2_6 = (
    "arch",
    "container",
    "cores",
    "cpu-power",
    "mem",
    "root-disk",
    "tags",
    "instance-type",
    "spaces",
    "virt-type",
    "zones",
)
_SINCE_2_9 = ("root-disk-source", "instance-role", "allocate-public-ip")
_SINCE_3_6 = ("image-id",)
_ARCHES = {
    Juju.V2_6: {"amd64", "i386", "armhf", "arm64", "ppc64el", "s390x"},
    Juju.V2_9: {"amd64", "arm64", "ppc64el", "s390x", "riscv64"},
}
_CONTAINERS = {"none", "lxd", "kvm", "lxc"}
_SPACE = re.compile(r"\^?[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_SIZES = {"M": 1.0, "G": 1024.0, "T": 1024.0**2, "P": 1024.0**3}
_FLOAT = re.compile(r"\+?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|\+?(inf|infinity|nan)", re.I | re.A)


@functools.lru_cache(maxsize=4096)
def constraint_error(text: str, juju: Juju) -> str:
    """Return Juju's message for the first invalid constraint; empty when all are valid."""
    assigned: set[str] = set()
    for word in _words(text):
        name, equals, value = word.partition("=")
        if not equals:
            return f"malformed constraint {quote(word)}"
        name = "cores" if name == "cpu-cores" else name
        if name not in _constraint_names(juju):
            return f"unknown constraint {quote(name)}"
        problem = "already set" if name in assigned else _value_error(name, value, juju)
        if problem:
            return f"bad {quote(name)} constraint: {problem}"
        if value:
            assigned.add(name)
    return ""


def split_constraints(text: str) -> list[tuple[str, str]]:
    """Return the names and values of constraints. Words without ``=`` are ignored."""
    words = (word.partition("=") for word in _words(text))
    return [(name, value) for name, equals, value in words if equals]


def size_in_mib(text: str) -> float | None:
    """Return a size such as ``16G`` in MiB, Juju's default unit; None when it is not a size."""
    if not text or _check_size(text, Juju.V2_6):
        return None
    unit = _SIZES.get(text[-1])
    return float(text[:-1]) * unit if unit else float(text)


def _words(text: str) -> list[str]:
    """Split a string at white space, except at a space that follows a backslash."""
    escaped = text.strip().replace("\\ ", "\0")
    return [word.replace("\0", " ") for word in re.split(r"[ \t\n]+", escaped) if word]


def _constraint_names(juju: Juju) -> tuple[str, ...]:
    names = _NAMES_2_6
    if juju >= Juju.V2_9:
        names += _SINCE_2_9
    return names + _SINCE_3_6 if juju >= Juju.V3_6 else names


def _value_error(name: str, value: str, juju: Juju) -> str:
    check = _CHECKS.get(name)
    return check(value, juju) if check and value else ""


def _check_arch(value: str, juju: Juju) -> str:
    arches = _ARCHES[Juju.V2_6 if juju < Juju.V2_9 else Juju.V2_9]
    return "" if value in arches else f"{quote(value)} not recognized"


def _check_container(value: str, juju: Juju) -> str:
    del juju
    return "" if value in _CONTAINERS else f"{quote(value)} not recognized"


def _check_natural(value: str, juju: Juju) -> str:
    del juju
    is_natural = value.isascii() and value.isdigit() and int(value[:25]) < 2**64
    return "" if is_natural else "must be a non-negative integer"


def _check_size(value: str, juju: Juju) -> str:
    del juju
    number = value[:-1] if value[-1] in _SIZES else value
    if _FLOAT.fullmatch(number) and not number.lower().lstrip("+").startswith("nan"):
        return ""
    return "must be a non-negative float with optional M/G/T/P suffix"


def _check_spaces(value: str, juju: Juju) -> str:
    del juju
    for name in value.split(","):
        if not _SPACE.fullmatch(name):
            return f"{quote(name.removeprefix('^'))} is not a valid space name"
    return ""


def _check_boolean(value: str, juju: Juju) -> str:
    del juju
    booleans = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
    return "" if value in booleans else "must be 'true' or 'false'"


_CHECKS: dict[str, Callable[[str, Juju], str]] = {
    "arch": _check_arch,
    "container": _check_container,
    "cores": _check_natural,
    "cpu-power": _check_natural,
    "mem": _check_size,
    "root-disk": _check_size,
    "spaces": _check_spaces,
    "allocate-public-ip": _check_boolean,
}
