"""Constraints, and Juju's messages for invalid ones.

Source: juju/juju core/constraints at 2.6, 2.9, 3.6 and 4.0 (``Parse``, ``setRaw``).
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable

from ..decimals import GREATEST_UINT, bounded_int, is_decimal
from ..juju import Juju
from .go_text import BOOLEANS, quote

_NAMES_2_6 = (
    "arch",
    "container",
    "cores",
    "cpu-power",
    "mem",
    "root-disk",
    "root-disk-source",
    "tags",
    "instance-type",
    "spaces",
    "virt-type",
    "zones",
)
_SINCE_2_9 = ("instance-role", "allocate-public-ip")
_SINCE_3_6 = ("image-id",)
# juju/utils arch up to 2.9, core/arch from 3.x on.
_OLD_ARCHES = {"amd64", "i386", "armhf", "arm64", "ppc64el", "s390x"}
_ARCHES = {"amd64", "arm64", "ppc64el", "s390x", "riscv64"}
_SIZE_ERROR = "must be a non-negative float with optional M/G/T/P suffix"
_BASE_ONLY_ERROR = "'image-id' constraint in a base bundle not supported"
# What Go's strings.TrimSpace removes.
_WHITE_SPACE = "\t\n\v\f\r \x85\xa0"
_SPACE = re.compile(r"\^?[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_SIZES = {"M": 1.0, "G": 1024.0, "T": 1024.0**2, "P": 1024.0**3}
# What strconv.ParseFloat reads without a minus sign, and -0.
_FLOAT = re.compile(
    r"\+?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|-(0+(\.0*)?|\.0+)(e[+-]?\d+)?|\+?(inf|infinity)|nan",
    re.I | re.A,
)
# Where Go allows an underscore in a number: between digits, and after the prefix.
_UNDERSCORE = re.compile(r"(?<=\d)_(?=\d)", re.A)
_HEX_UNDERSCORE = re.compile(r"(?<=[0-9a-fx])_(?=[0-9a-f])", re.I | re.A)
_HEX_FLOAT = re.compile(r"\+?0x([0-9a-f]+(\.[0-9a-f]*)?|\.[0-9a-f]+)p[+-]?\d+", re.I | re.A)


@functools.lru_cache(maxsize=4096)
def constraint_error(text: str, juju: Juju, *, in_base: bool = False) -> str:
    """Return Juju's message for the first invalid constraint; empty when all are valid.

    Args:
        text: The constraints.
        juju: The Juju release.
        in_base: Whether they stand in a base that Juju verifies alone (``verifyBaseBundle``).
    """
    assigned: dict[str, str] = {}
    for word in _words(text, juju):
        name, equals, value = word.partition("=")
        if not equals or not name:
            return f"malformed constraint {quote(word)}"
        name = "cores" if name == "cpu-cores" else name
        if name not in _constraint_names(juju):
            return f"unknown constraint {quote(name)}"
        if name == "allocate-public-ip" and not value:
            continue
        problem = "already set" if name in assigned else _value_error(name, value, juju)
        if problem:
            return f"bad {quote(name)} constraint: {problem}"
        assigned[name] = value
    return _BASE_ONLY_ERROR if in_base and assigned.get("image-id") else ""


def has_image_id(text: str, juju: Juju) -> bool:
    """Return whether constraints name an image (``HasImageID``)."""
    return any(
        name == "image-id" and value
        for name, _, value in (word.partition("=") for word in _words(text, juju))
    )


def split_constraints(text: str) -> list[tuple[str, str]]:
    """Return the names and values of constraints. Words without ``=`` are ignored."""
    words = (word.partition("=") for word in _words(text, Juju.V4_0))
    return [(name, value) for name, equals, value in words if equals]


def architecture_in(constraints: str) -> str:
    """Return the architecture that constraints name; empty when they name none."""
    return dict(split_constraints(constraints)).get("arch", "")


def size_in_mib(text: str) -> float | None:
    """Return a size such as ``16G`` in MiB, Juju's default unit; None when it is not a size."""
    if not text or _check_size(text, Juju.V2_6):
        return None
    unit = _SIZES.get(text[-1], 1.0)
    return _float(_without_underscores(text[:-1] if text[-1] in _SIZES else text)) * unit


def _words(text: str, juju: Juju) -> list[str]:
    """Split a string at spaces. From 2.9 on, a space that follows a backslash is no separator."""
    if juju >= Juju.V2_9:
        text = text.replace("\\ ", "\0")
    words = text.strip(_WHITE_SPACE).split(" ")
    return [word for raw in words if (word := raw.replace("\0", " ").strip(_WHITE_SPACE))]


def _constraint_names(juju: Juju) -> tuple[str, ...]:
    names = _NAMES_2_6
    if juju >= Juju.V2_9:
        names += _SINCE_2_9
    return names + _SINCE_3_6 if juju >= Juju.V3_6 else names


def _value_error(name: str, value: str, juju: Juju) -> str:
    check = _CHECKS.get(name)
    return check(value, juju) if check and value else ""


def _check_arch(value: str, juju: Juju) -> str:
    arches = _OLD_ARCHES if juju < Juju.V3_6 else _ARCHES
    return "" if value in arches else f"{quote(value)} not recognized"


def _check_container(value: str, juju: Juju) -> str:
    kinds = {"none", "lxd"} if juju >= Juju.V4_0 else {"none", "lxd", "kvm"}
    return "" if value in kinds else f"invalid container type {quote(value)}"


def _check_natural(value: str, juju: Juju) -> str:
    del juju
    is_natural = is_decimal(value) and bounded_int(value, GREATEST_UINT + 1) <= GREATEST_UINT
    return "" if is_natural else "must be a non-negative integer"


def _check_size(value: str, juju: Juju) -> str:
    del juju
    number = _without_underscores(value[:-1] if value[-1] in _SIZES else value)
    if _FLOAT.fullmatch(number) or _HEX_FLOAT.fullmatch(number):
        is_out_of_range = math.isinf(_float(number)) and "inf" not in number.lower()
        return _SIZE_ERROR if is_out_of_range else ""
    return _SIZE_ERROR


def _without_underscores(text: str) -> str:
    """Return a number without its underscores. Those before a ``p`` separate hex digits."""
    end = max(text.rfind("p"), text.rfind("P"), 0)
    return _HEX_UNDERSCORE.sub("", text[:end]) + _UNDERSCORE.sub("", text[end:])


def _float(text: str) -> float:
    try:
        return float.fromhex(text) if _HEX_FLOAT.fullmatch(text) else float(text)
    except OverflowError:
        return math.inf


def _check_spaces(value: str, juju: Juju) -> str:
    del juju
    for name in value.split(","):
        if not _SPACE.fullmatch(name):
            return f"{quote(name.removeprefix('^'))} is not a valid space name"
    return ""


def _check_boolean(value: str, juju: Juju) -> str:
    del juju
    return "" if value in BOOLEANS else "must be 'true' or 'false'"


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
