"""Fields of MAAS's JSON. A field that is missing, or has another type, counts as empty."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, cast

from ..address_spans import AnyAddress, AnyNetwork
from ..json_values import list_of, mapping_of

JsonObject = Mapping[str, Any]


def text_of(field: object) -> str:
    """Return a string; an empty one for any other value."""
    return field if isinstance(field, str) else ""


def number_of(field: object) -> int:
    """Return a number without its fraction; 0 for any other value."""
    return int(field) if isinstance(field, int | float) and 0 <= field < 2**53 else 0


def objects_of(field: object) -> list[JsonObject]:
    """Return the objects of an array."""
    return [cast("JsonObject", entry) for entry in list_of(field) if isinstance(entry, Mapping)]


def name_of(field: object) -> str:
    """Return the name of an object, such as a zone, or the text itself."""
    return text_of(field) or text_of(mapping_of(field).get("name"))


def address_of(field: object) -> AnyAddress | None:
    """Return an address; None for any other value.

    The zone of an IPv6 address (``%eth0``) has a meaning only on the machine itself, so such an
    address is none.
    """
    try:
        address = ipaddress.ip_address(text_of(field))
    except ValueError:
        return None
    return None if "%" in str(address) else address


def network_of(field: object) -> AnyNetwork | None:
    """Return a network without host bits; None for any other value."""
    try:
        return ipaddress.ip_network(text_of(field), strict=False)
    except ValueError:
        return None
