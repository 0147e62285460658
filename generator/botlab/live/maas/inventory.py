"""The parts of MAAS that a deployment needs, read from the output of the ``maas`` command.

Sources: MAAS API 2.0, ``GET /api/2.0/machines/``, ``/api/2.0/ipranges/`` and
``/api/2.0/subnets/``. ``maas PROFILE machines read``, ``ipranges read`` and ``subnets read`` print
their answers.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ...errors import BotlabError
from ...inventory.maas import MaasMachine, machines_of_dump
from ...json_text import load_json
from ...site.addresses import Span

# What the maas command prints before the JSON when its output is a terminal.
_HEADER = re.compile(r"\s*Success\.[^\[{]*")
_KINDS = (
    "use the output of `maas PROFILE machines read`, `maas PROFILE ipranges read` or `maas PROFILE"
    " subnets read`"
)
# Runs a program and returns its standard output.
Runner = Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class AddressRange:
    """A range of addresses that MAAS treats specially.

    Attributes:
        kind: ``reserved`` for addresses that MAAS never assigns, ``dynamic`` for its DHCP server.
        span: The addresses.
    """

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class MaasInventory:
    """What is known of a MAAS.

    Attributes:
        source: The files or the profile that it comes from, for messages.
        profile: The profile of the maas command, for the commands that fix something.
        machines: Its machines.
        ranges: Its ranges of addresses; None if they are not known.
        subnets: The networks of its subnets; None if they are not known.
    """

    source: str
    profile: str
    machines: tuple[MaasMachine, ...]
    ranges: tuple[AddressRange, ...] | None = None
    subnets: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] | None = None


def inventory_of_profile(profile: str, run: Runner) -> MaasInventory:
    """Ask MAAS through its command.

    Args:
        profile: The name of a profile to which ``maas login`` has logged in.
        run: Runs a program.

    Raises:
        BotlabError: When the command fails, or prints something else.
    """
    texts = [
        (run(["maas", profile, topic, "read"]), f"maas {profile} {topic} read")
        for topic in ("machines", "ipranges", "subnets")
    ]
    return inventory_of_texts(texts, profile, profile)


def inventory_of_texts(
    texts: Iterable[tuple[str, str]], source: str, profile: str = "PROFILE"
) -> MaasInventory:
    """Read the output of the maas command. What a text holds is recognised by its fields.

    Args:
        texts: Each text with its name for messages.
        source: The name of all texts together.
        profile: The profile for the commands in messages.

    Raises:
        BotlabError: When a text is something else, or none of them lists machines.
    """
    machines: list[MaasMachine] = []
    ranges: list[AddressRange] | None = None
    subnets: list[ipaddress.IPv4Network | ipaddress.IPv6Network] | None = None
    for text, name in texts:
        body = _HEADER.sub("", text, count=1) if _HEADER.match(text) else text
        dump = _dump(body, name)
        entries = [cast("dict[str, Any]", entry) for entry in dump if isinstance(entry, dict)]
        if any("hostname" in entry for entry in entries):
            machines += machines_of_dump(dump, name)
        elif all("start_ip" in entry for entry in entries) and (entries or "ranges" in name):
            ranges = [*(ranges or []), *_ranges(entries)]
        elif all("cidr" in entry for entry in entries) and entries:
            subnets = [*(subnets or []), *_networks(entries)]
        elif entries:
            raise BotlabError(f"{name}: {_KINDS}")
    if not machines:
        raise BotlabError(f"{source}: lists no machines; {_KINDS}")
    return MaasInventory(
        source,
        profile,
        tuple(machines),
        None if ranges is None else tuple(ranges),
        None if subnets is None else tuple(subnets),
    )


def _dump(text: str, name: str) -> list[Any]:
    try:
        dump = load_json(text, name)
    except BotlabError as error:
        raise BotlabError(f"{error}; {_KINDS}") from None
    if not isinstance(dump, list):
        raise BotlabError(f"{name}: is not a list; {_KINDS}")
    return cast("list[Any]", dump)


def _ranges(entries: Iterable[dict[str, Any]]) -> Iterator[AddressRange]:
    for entry in entries:
        try:
            first = ipaddress.ip_address(str(entry.get("start_ip")))
            last = ipaddress.ip_address(str(entry.get("end_ip")))
        except ValueError:
            continue
        if first.version == last.version:
            yield AddressRange(str(entry.get("type")), Span(first, last))


def _networks(
    entries: Iterable[dict[str, Any]],
) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for entry in entries:
        try:
            yield ipaddress.ip_network(str(entry.get("cidr")), strict=False)
        except ValueError:
            continue
