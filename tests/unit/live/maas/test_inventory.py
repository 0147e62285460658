"""What the maas command prints."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path

import pytest

from botlab.errors import BotlabError
from botlab.live.maas.inventory import AddressRange, inventory_of_profile, inventory_of_texts
from botlab.live.maas.source import read_inventory
from botlab.site.addresses import read_span
from helpers.maas_dump import maas_machine

_MACHINES = json.dumps([maas_machine("node1", power_type="ipmi", storage=480103.9)])
_RANGES = json.dumps([{"type": "dynamic", "start_ip": "10.0.0.1", "end_ip": "10.0.0.9"}])
_SUBNETS = json.dumps([{"cidr": "10.0.0.0/24", "gateway_ip": None}])


def test_kinds_are_recognised_in_any_order() -> None:
    inventory = inventory_of_texts([(_SUBNETS, "s"), (_RANGES, "r"), (_MACHINES, "m")], "files")
    assert [machine.name for machine in inventory.machines] == ["node1"]
    assert inventory.machines[0].power_type == "ipmi"
    assert inventory.machines[0].disk == 480103
    assert inventory.ranges == (AddressRange("dynamic", read_span("10.0.0.1-10.0.0.9")),)
    assert inventory.subnets == (ipaddress.ip_network("10.0.0.0/24"),)
    assert inventory.profile == "PROFILE"


def test_unknown_parts_are_none_and_not_empty() -> None:
    inventory = inventory_of_texts([(_MACHINES, "m")], "m")
    assert (inventory.ranges, inventory.subnets) == (None, None)


def test_header_that_the_command_prints_is_skipped() -> None:
    text = f"Success.\nMachine-readable output follows:\n{_MACHINES}"
    assert inventory_of_texts([(text, "m")], "m").machines[0].name == "node1"


def test_profile_is_asked_for_all_parts() -> None:
    answers = {"machines": _MACHINES, "ipranges": "[]", "subnets": _SUBNETS}
    calls: list[list[str]] = []

    def run(arguments: list[str]) -> str:
        calls.append(arguments)
        return answers[arguments[2]]

    inventory = inventory_of_profile("admin", run)  # type: ignore[arg-type]
    assert calls == [["maas", "admin", topic, "read"] for topic in answers]
    assert inventory.ranges == ()
    assert inventory.profile == "admin"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "m: is not a list; use the output of"),
        ("[{}]", "m: use the output of `maas PROFILE machines read`"),
        ("[]", "m: lists no machines; use the output of"),
        ("[NaN", "m: is not valid JSON"),
    ],
)
def test_text_that_is_something_else_is_refused(text: str, message: str) -> None:
    with pytest.raises(BotlabError) as caught:
        inventory_of_texts([(text, "m")], "m")
    assert str(caught.value).startswith(message)


def test_sources_are_files_or_one_profile(tmp_path: Path) -> None:
    file = tmp_path / "machines.json"
    file.write_text(_MACHINES)
    calls: list[list[str]] = []

    def run(arguments: list[str]) -> str:
        calls.append(arguments)
        return _MACHINES if "machines" in arguments else "[]"

    assert read_inventory([], run) is None  # type: ignore[arg-type]
    by_file = read_inventory([str(file)], run)  # type: ignore[arg-type]
    assert by_file is not None
    assert by_file.source == str(file)
    assert calls == []
    by_profile = read_inventory(["admin"], run)  # type: ignore[arg-type]
    assert by_profile is not None
    assert by_profile.profile == "admin"
    assert len(calls) == 3


@pytest.mark.parametrize("sources", [["./machines.json"], ["one", "two"]])
def test_missing_file_is_refused(sources: list[str]) -> None:
    with pytest.raises(BotlabError) as caught:
        read_inventory(sources, lambda arguments: "")
    assert str(caught.value) == (
        f"--maas {sources[0]}: is not a file; name files only, or one profile of the maas command"
    )
