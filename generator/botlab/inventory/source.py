"""The values of the option ``--maas``: files, standard input, or a profile of ``maas``."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from ..errors import BotlabError
from ..text_files import read_stream, read_text
from .dumps import Dump, MaasInventory, documents_of, inventory_of_dumps
from .fields import objects_of, text_of
from .gpus import NVIDIA, NVIDIA_FILTER

# Runs a program and returns its standard output.
Runner = Callable[[Sequence[str]], str]
# The names of profiles are names of people and labs; a path has other characters.
_PROFILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
STANDARD_INPUT = "-"


def read_inventory(
    sources: Sequence[str], run: Runner, standard_input: BinaryIO
) -> MaasInventory | None:
    """Return what MAAS knows.

    Args:
        sources: Files, ``-`` for standard input, or one profile. A source that is not a file
            counts as a profile.
        run: Runs the maas command.
        standard_input: Where ``-`` is read from.

    Returns:
        The inventory; None without a source.

    Raises:
        BotlabError: When a file cannot be read, or the command fails.
    """
    if not sources:
        return None
    if len(sources) == 1 and _is_profile(sources[0]):
        return inventory_of_profile(sources[0], run)
    _check_files(sources)
    dumps = [_read(source, standard_input) for source in sources]
    return inventory_of_dumps(dumps, ", ".join(dump.name for dump in dumps))


def _is_profile(source: str) -> bool:
    return bool(_PROFILE.fullmatch(source)) and not Path(source).exists()


def _check_files(sources: Sequence[str]) -> None:
    missing = [
        source for source in sources if source != STANDARD_INPUT and not Path(source).exists()
    ]
    if missing:
        raise BotlabError(
            f"--maas {missing[0]}: is not a file; name files only, or one profile of the maas"
            " command"
        )
    if sources.count(STANDARD_INPUT) > 1:
        raise BotlabError("--maas -: standard input can be read once only; name files besides it")


def _read(source: str, standard_input: BinaryIO) -> Dump:
    if source == STANDARD_INPUT:
        return Dump(read_stream(standard_input, "standard input"), "standard input")
    return Dump(read_text(Path(source)), source)


def inventory_of_profile(profile: str, run: Runner) -> MaasInventory:
    """Ask MAAS through its command.

    Args:
        profile: The name of a profile to which ``maas login`` has logged in.
        run: Runs a program.

    Raises:
        BotlabError: When the command fails, or prints something else.
    """
    topics = ("machines", "ipranges", "subnets")
    dumps = [
        Dump(run(["maas", profile, topic, "read"]), f"maas {profile} {topic} read", topic)
        for topic in topics
    ]
    inventory = inventory_of_dumps(dumps, profile, profile)
    return _with_gpus(inventory, run)


def _with_gpus(inventory: MaasInventory, run: Runner) -> MaasInventory:
    """Add which machines have a device of NVIDIA.

    MAAS before 3.0 knows no PCI devices and refuses the question. The tags then decide.
    """
    command = ["maas", inventory.profile, "machines", "read", NVIDIA_FILTER]
    try:
        dump = Dump(run(command), " ".join(command), "machines")
        documents = list(documents_of(dump))
    except BotlabError:
        return inventory
    selected = {
        text_of(entry.get("system_id")) for document in documents for entry in objects_of(document)
    }
    gpus = {
        machine.system_id: frozenset([NVIDIA] if machine.system_id in selected else [])
        for machine in inventory.machines
    }
    return dataclasses.replace(inventory, gpus=gpus)
