"""What MAAS knows, read from the output of the ``maas`` command.

The command prints a line ``Success.`` before the JSON when its output is a terminal
(``src/maascli/utils.py`` print_response_content), so a text copied from a terminal has it. A file
may hold several outputs, one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..errors import BotlabError, FileError
from ..json_text import load_json
from .fields import JsonObject, objects_of
from .gpus import PciGpus, gpus_of
from .machines import MaasMachine, machines_of_dump, refuse_duplicates
from .networks import AddressRange, MaasSubnet, ranges_of, reserved_addresses_of, subnets_of

_HEADER = re.compile(r"\s*Success\.[^\[{]*")
# The end of one output and what precedes the next one. In JSON, "]" is never followed by "[".
_BOUNDARY = re.compile(r"\](\s*(?:Success\.[^\[{]*)?)(?=\[)")
_STRING_OR_BOUNDARY = re.compile(rf'"[^"\\]*(?:\\.[^"\\]*)*"|{_BOUNDARY.pattern}', re.DOTALL)
ADVICE = (
    "use the output of `maas PROFILE machines read`, `maas PROFILE subnets read`, `maas PROFILE"
    " ipranges read` or `maas PROFILE node-devices read SYSTEM_ID`"
)


class Dump(NamedTuple):
    """An output of the maas command.

    Attributes:
        text: The output.
        name: The name of the output in messages.
        topic: The command that printed it, such as ``ipranges``; empty when it is recognised by
            its fields.
    """

    text: str
    name: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class MaasInventory:
    """What is known of a MAAS.

    Attributes:
        source: The files or the profile that it comes from, for messages.
        profile: The profile of the maas command, for the commands that fix something.
        machines: Its machines.
        ranges: Its ranges of addresses; None if they are not known.
        subnets: Its subnets; None if they are not known.
        gpus: The vendors of the GPUs of each machine that they are known of, by system id.
    """

    source: str
    profile: str
    machines: tuple[MaasMachine, ...]
    ranges: tuple[AddressRange, ...] | None = None
    subnets: tuple[MaasSubnet, ...] | None = None
    gpus: Mapping[str, PciGpus] = field(default_factory=dict[str, PciGpus])


@dataclass(slots=True)
class _Parts:
    """What was read so far."""

    machines: list[MaasMachine] = field(default_factory=list[MaasMachine])
    ranges: list[AddressRange] | None = None
    subnets: list[MaasSubnet] | None = None
    devices: list[JsonObject] = field(default_factory=list[JsonObject])

    def add(self, dump: list[object], name: str, topic: str) -> None:
        """Add an output."""
        entries = objects_of(dump)
        topic = topic or _topic(entries, name)
        if topic == "machines":
            self.machines += machines_of_dump(dump, name) if dump else []
        elif topic == "ipranges":
            self.ranges = [*(self.ranges or []), *ranges_of(entries)]
        elif topic == "reserved-ips":
            self.ranges = [*(self.ranges or []), *reserved_addresses_of(entries)]
        elif topic == "subnets":
            self.subnets = [*(self.subnets or []), *subnets_of(entries)]
        elif topic == "node-devices":
            self.devices += entries
        elif dump:
            raise FileError(name, f"lists something that botlab does not know; {ADVICE}")


def inventory_of_dumps(
    dumps: Iterable[Dump], source: str, profile: str = "PROFILE"
) -> MaasInventory:
    """Read the output of the maas command.

    Args:
        dumps: Each output.
        source: The name of all outputs together.
        profile: The profile for the commands in messages.

    Raises:
        BotlabError: When a text is something else, or none of them lists machines.
    """
    parts = _Parts()
    for dump in dumps:
        for document in documents_of(dump):
            parts.add(document, dump.name, dump.topic)
    if not parts.machines:
        raise FileError(source, f"lists no machines; {ADVICE}")
    refuse_duplicates(parts.machines, source)
    return MaasInventory(
        source,
        profile,
        tuple(parts.machines),
        None if parts.ranges is None else tuple(parts.ranges),
        None if parts.subnets is None else tuple(parts.subnets),
        gpus_of(parts.devices),
    )


def documents_of(dump: Dump) -> Iterator[list[object]]:
    """Yield the lists in a text, each the answer of one command.

    Raises:
        BotlabError: When one of them is not a list of JSON.
    """
    text = dump.text
    header = _HEADER.match(text)
    for part in _split(text[header.end() :] if header else text):
        if not part.strip():
            raise FileError(dump.name, f"is empty; {ADVICE}")
        try:
            document = load_json(part, dump.name)
        except BotlabError as error:
            raise BotlabError(f"{error}; {ADVICE}") from None
        if not isinstance(document, list):
            raise FileError(dump.name, f"is not a list; {ADVICE}")
        yield document


def _split(text: str) -> Iterator[str]:
    """Yield the parts of a text that ends one list and begins the next one."""
    start = 0
    if _BOUNDARY.search(text):
        for match in _STRING_OR_BOUNDARY.finditer(text):
            if match.group().startswith("]"):
                yield text[start : match.start() + 1]
                start = match.end()
    yield text[start:]


def _topic(entries: list[JsonObject], name: str) -> str:
    """Return the command whose answer has these fields; empty when there is none."""
    if any("hostname" in entry for entry in entries):
        return "machines"
    for topic, fields in (
        ("ipranges", {"start_ip", "end_ip"}),
        ("subnets", {"cidr"}),
        ("node-devices", {"vendor_id", "system_id"}),
        ("reserved-ips", {"ip", "mac_address"}),
    ):
        if entries and all(fields <= entry.keys() for entry in entries):
            return topic
    # A MAAS without ranges answers with an empty list, which says nothing about itself.
    return "ipranges" if not entries and "ranges" in name else ""
