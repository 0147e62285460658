"""A tag for each machine that no other machine of MAAS has, so that Juju gets this machine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ..site.machines import NAMES_OF_ROLES
from ..site.roles import Role
from .gpus import is_about_gpus
from .machines import MaasMachine
from .unique_names import UniqueNames

# What MAAS accepts as a tag (src/maasserver/models/tag.py), and the length of its column.
_TAG = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_TAG = 256
_LONGEST_NAME = 63
# The roles of common tags: the names of our roles, and the names of their applications.
_ROLE_TAGS = {**{role.value: role.value for role in Role}, **NAMES_OF_ROLES}


def role_of_tag(tag: str) -> str | None:
    """Return the role that a tag names; None if it names none."""
    return _ROLE_TAGS.get(tag.lower().replace("_", "-"))


def _is_general(tag: str) -> bool:
    """Return whether further machines may get a tag, because it names a role or a GPU."""
    return role_of_tag(tag) is not None or is_about_gpus(tag)


class UniqueTags:
    """The tags of MAAS.

    Args:
        machines: All machines of MAAS.
    """

    def __init__(self, machines: Sequence[MaasMachine]) -> None:
        self._counts = Counter(tag for machine in machines for tag in set(machine.tags))
        self._names = UniqueNames(self._counts, _LONGEST_TAG)

    def tag_of(self, machine: MaasMachine) -> tuple[str, bool]:
        """Return a tag that selects exactly this machine, and whether MAAS has it already.

        A machine without such a tag gets a new one, which begins with its host name.
        """
        unique = [tag for tag in machine.tags if self._counts[tag] == 1 and _TAG.fullmatch(tag)]
        if unique:
            return min(unique, key=lambda tag: (tag != machine.name, _is_general(tag), tag)), True
        host = machine.name[:_LONGEST_NAME]
        tag = re.sub(r"[^A-Za-z0-9_-]", "-", host).strip("-") or "machine"
        return self._names.add(f"{tag}-pin" if tag in self._names else tag), False
