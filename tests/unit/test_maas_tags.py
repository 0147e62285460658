"""The commands that give a tag of MAAS to a machine."""

from __future__ import annotations

import pytest

from botlab.maas_tags import tag_commands


@pytest.mark.parametrize(
    ("arguments", "commands"),
    [
        (
            ("gpu1",),
            "maas PROFILE tags create name=gpu1; maas PROFILE tag update-nodes gpu1 add=SYSTEM_ID",
        ),
        (
            ("gpu1", "admin", "4y3h7n"),
            "maas admin tags create name=gpu1; maas admin tag update-nodes gpu1 add=4y3h7n",
        ),
    ],
)
def test_tag_is_created_before_it_is_added(arguments: tuple[str, ...], commands: str) -> None:
    """MAAS refuses to add a tag that does not exist."""
    assert tag_commands(*arguments) == commands
