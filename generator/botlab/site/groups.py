"""Groups of machines that differ only by a number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import pydantic
from pydantic_core import InitErrorDetails, PydanticCustomError

from ..bundle.limits import MAX_MACHINES
from .addresses import read_address
from .machines import Machine, MachineSettings
from .names import MACHINE_NAME
from .number_ranges import RANGE, RangeOrderError, count_texts, expand_ranges
from .section import NAME_MARK
from .text_format import TextFormat

# The type of pydantic's errors about ranges that do not fit each other.
RANGE_ERROR = "range_error"

GroupName = Annotated[
    str,
    TextFormat(
        rf"^[a-z0-9-]*({RANGE}[a-z0-9-]*)+$",
        "the name of a group",
        "write the names of its machines with a range of numbers, such as gpu[0-7]",
    ),
]
_GroupTag = Annotated[
    str,
    TextFormat(
        rf"^\^?[A-Za-z0-9_-]*({RANGE}[A-Za-z0-9_-]*)*$",
        "a tag",
        'use letters, digits, _ and -, and a range of numbers such as "gpu[0-7]"',
    ),
]
_GroupAddress = Annotated[
    str,
    TextFormat(
        rf"^[0-9A-Fa-f.:]*({RANGE}[0-9A-Fa-f.:]*)*$",
        "an address with a range",
        'write one such as "192.168.1.[20-27]"',
    ),
]


class Group(MachineSettings):
    """Machines that have the same keys, and whose names, tags and addresses have ranges."""

    tags: list[_GroupTag] = pydantic.Field(
        default=[],
        description="MAAS tags that the machines must have. A tag with a range has one value for"
        " each machine, and any other tag is the same for all. Give each machine a tag that no"
        " other machine has.",
        examples=[["gpu[0-7]"]],
    )
    addresses: list[_GroupAddress] = pydantic.Field(
        default=[],
        description="Addresses of the machines, with as many values as the group has machines.",
        examples=[["192.168.1.[20-27]"]],
    )


def check_groups(groups: dict[str, Group]) -> dict[str, Group]:
    """Return groups whose ranges fit each other.

    Raises:
        ValidationError: When a range is wrong. It has the key of each fault.
        ValueError: When the groups have too many machines together.
    """
    errors = [error for name in groups for error in _name_errors(name)]
    if not errors and sum(count_texts(name) for name in groups) > MAX_MACHINES:
        raise ValueError(f"have more machines than the {MAX_MACHINES:,} that botlab accepts")
    errors = errors or list(_errors(groups))
    if errors:
        raise pydantic.ValidationError.from_exception_data("groups", errors)
    return groups


Groups = Annotated[dict[GroupName, Group], pydantic.AfterValidator(check_groups)]


def expand_groups(
    machines: Mapping[str, Machine], groups: Mapping[str, Group]
) -> dict[str, Machine]:
    """Return single machines, followed by the machines of groups.

    A machine that also has an entry of its own gets all keys of that entry, and keeps its position
    in the group.
    """
    grouped: dict[str, Machine] = {}
    for name, group in groups.items():
        grouped |= _machines(name, group)
    for name in grouped.keys() & machines.keys():
        own = machines[name]
        changes = {field: getattr(own, field) for field in own.model_fields_set}
        grouped[name] = grouped[name].model_copy(update=changes)
    return {**{name: machines[name] for name in machines if name not in grouped}, **grouped}


def _machines(name: str, group: Group) -> dict[str, Machine]:
    names = expand_ranges(name)
    tags = [_for_each(tag, len(names)) for tag in group.tags]
    addresses = [_for_each(address, len(names)) for address in group.addresses]
    settings: dict[str, Any] = {
        field: getattr(group, field) for field in MachineSettings.model_fields
    }
    result: dict[str, Machine] = {}
    for index, machine in enumerate(names):
        own: dict[str, Any] = {
            "tags": [column[index] for column in tags],
            "addresses": [read_address(column[index]) for column in addresses],
        }
        result[machine] = Machine(**settings | own)
    return result


def _for_each(text: str, count: int) -> list[str]:
    """Return the value of a text for each machine: one for all if it has no range."""
    texts = expand_ranges(text)
    return texts if len(texts) == count else texts * count


def _name_errors(name: str) -> Iterator[InitErrorDetails]:
    try:
        if count_texts(name) > MAX_MACHINES:
            yield _error((name, NAME_MARK), name, f"has more than {MAX_MACHINES:,} machines")
    except RangeOrderError as error:
        yield _error((name, NAME_MARK), name, str(error))


def _errors(groups: Mapping[str, Group]) -> Iterator[InitErrorDetails]:
    owners: dict[str, str] = {}
    for name, group in groups.items():
        machines = expand_ranges(name)
        for machine in machines:
            if not MACHINE_NAME.fits(machine):
                yield _error(
                    (name, NAME_MARK), name, f"names {machine}, which is {MACHINE_NAME.problem}"
                )
                break
            if owners.setdefault(machine, name) != name:
                reason = f"names {machine}, which {owners[machine]} names, too; name it once"
                yield _error((name, NAME_MARK), name, reason)
                break
        yield from _range_errors(name, group, len(machines))


def _range_errors(name: str, group: Group, machines: int) -> Iterator[InitErrorDetails]:
    for key, texts in (("tags", group.tags), ("addresses", group.addresses)):
        for index, text in enumerate(texts):
            reason = _mismatch(text, machines, is_shared="[" not in text and key == "tags")
            if not reason and key == "addresses":
                reason = _address_fault(text)
            if reason:
                yield _error((name, key, index), text, reason)


def _mismatch(text: str, machines: int, *, is_shared: bool) -> str:
    """Return what is wrong with the number of values of a text; empty if nothing is."""
    try:
        count = 1 if is_shared else count_texts(text)
    except RangeOrderError as error:
        return str(error)
    if is_shared or count == machines:
        return ""
    return (
        f"has {count} {'value' if count == 1 else 'values'} for the {machines} machines of the"
        " group; write as many values as machines"
    )


def _address_fault(text: str) -> str:
    for address in expand_ranges(text):
        try:
            read_address(address)
        except ValueError:
            return f"names {address}, which is not an IP address"
    return ""


def _error(location: tuple[Any, ...], text: str, reason: str) -> InitErrorDetails:
    kind = PydanticCustomError(RANGE_ERROR, "{reason}", {"reason": reason})
    return InitErrorDetails(type=kind, loc=location, input=text)
