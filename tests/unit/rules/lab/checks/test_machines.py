"""Rules about the machines of a site."""

from __future__ import annotations

from pathlib import Path

from helpers.assessments import assess_layer, of_rule


def test_machine_without_a_tag_of_its_own_gets_the_commands_that_create_one(
    tmp_path: Path,
) -> None:
    """MAAS refuses to add a tag that does not exist."""
    layer = {"machines": {"node3": {"tags": ["rack-a"]}, "node2": {"tags": ["rack-a", "node2"]}}}
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL027")

    assert finding.fix == (
        "tag the machine in MAAS (maas PROFILE tags create name=node3; maas PROFILE tag"
        " update-nodes node3 add=SYSTEM_ID) and write tags: [node3]"
    )
