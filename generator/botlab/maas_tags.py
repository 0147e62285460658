"""The commands that give a tag of MAAS to a machine."""

from __future__ import annotations

from .shell import command_line

_ANY_MACHINE = "SYSTEM_ID"


def tag_commands(tag: str, profile: str = "PROFILE", system_id: str = "") -> str:
    """Return the commands that create a tag and add it to a machine.

    MAAS refuses to add a tag that does not exist.

    Args:
        tag: The tag.
        profile: The profile of the maas command.
        system_id: The machine; empty for a placeholder.
    """
    create = command_line("maas", profile, "tags", "create", f"name={tag}")
    node = f"add={system_id or _ANY_MACHINE}"
    return f"{create}; {command_line('maas', profile, 'tag', 'update-nodes', tag, node)}"
