"""Constraints as values, to compare them as Juju does.

Source: core/constraints ``Value``. ``mem=1G`` and ``mem=1024M`` are equal, and so are constraints
in another order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from ..bundle.constraints import size_in_mib, split_constraints
from ..bundle.go_text import BOOLEANS
from ..decimals import GREATEST_UINT, bounded_int, is_decimal

ConstraintValues = Mapping[str, object]

_LISTS = frozenset(("tags", "spaces", "zones"))
_SIZES = frozenset(("mem", "root-disk"))
_NUMBERS = frozenset(("cores", "cpu-power"))


def constraint_values(text: str) -> dict[str, object]:
    """Return the value of each constraint of a string that Juju accepts."""
    return {
        "cores" if name == "cpu-cores" else name: _value(name, value)
        for name, value in split_constraints(text)
    }


def values_of_mapping(mapping: Mapping[str, object]) -> dict[str, object]:
    """Return the values of constraints in the JSON of ``juju show-application``."""
    return {
        name: tuple(cast("list[str]", value)) if isinstance(value, list) else value
        for name, value in mapping.items()
    }


def _value(name: str, value: str) -> object:
    if name in _LISTS:
        return tuple(value.split(",")) if value else ()
    if name in _SIZES:
        size = size_in_mib(value) or 0.0
        # Go's conversion of a float that is out of range gives this number.
        return math.ceil(size) if math.isfinite(size) else 2**63
    if name in ("cpu-cores", *_NUMBERS):
        return bounded_int(value, GREATEST_UINT) if is_decimal(value) else 0
    if name == "allocate-public-ip":
        return BOOLEANS.get(value, value)
    return value
