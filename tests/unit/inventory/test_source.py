"""Where the option --maas reads from: files, standard input, or the maas command."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from botlab.errors import BotlabError
from botlab.inventory.dumps import MaasInventory
from botlab.inventory.source import read_inventory
from helpers.maas_releases import answer, machine

_MACHINES = answer([machine("3.6", "node1"), machine("3.6", "node2")])


class Maas:
    """The maas command, which answers as MAAS does.

    Args:
        nvidia: The answer about machines with devices of NVIDIA; None where MAAS refuses.
    """

    def __init__(self, nvidia: str | None = "[]") -> None:
        self._nvidia = nvidia
        self.calls: list[list[str]] = []

    def __call__(self, arguments: list[str]) -> str:
        """Return the answer to a call."""
        self.calls.append(arguments)
        if arguments[-1].startswith("devices="):
            if self._nvidia is None:
                raise BotlabError('{"devices": ["No such constraint."]}')
            return self._nvidia
        return _MACHINES if "machines" in arguments else "[]"


def read(sources: list[str], maas: Maas, stdin: str = "") -> MaasInventory | None:
    """Return what the sources say about MAAS."""
    return read_inventory(sources, maas, io.BytesIO(stdin.encode()))  # type: ignore[arg-type]


def test_no_source_is_no_inventory() -> None:
    assert read([], Maas()) is None


def test_profile_is_asked_with_exact_arguments() -> None:
    """An empty list of ranges means that there are none."""
    maas = Maas(answer([machine("3.6", "node2")]))
    inventory = read(["admin"], maas)

    assert inventory is not None
    assert maas.calls == [
        ["maas", "admin", "machines", "read"],
        ["maas", "admin", "ipranges", "read"],
        ["maas", "admin", "subnets", "read"],
        ["maas", "admin", "machines", "read", "devices=vendor_id=10de"],
    ]
    assert (inventory.ranges, inventory.subnets, inventory.profile) == ((), (), "admin")
    ids = {host.name: host.system_id for host in inventory.machines}
    assert inventory.gpus == {ids["node1"]: frozenset(), ids["node2"]: {"10de"}}


def test_maas_without_pci_devices_leaves_the_gpus_to_the_tags() -> None:
    """Before 3.0, it refuses the constraint."""
    inventory = read(["admin"], Maas(nvidia=None))

    assert inventory is not None
    assert inventory.gpus == {}


def test_files_and_standard_input_are_read_without_the_command(tmp_path: Path) -> None:
    file = tmp_path / "ranges.json"
    file.write_text("[]")
    maas = Maas()
    inventory = read(["-", str(file)], maas, _MACHINES)

    assert inventory is not None
    assert inventory.source == f"standard input, {file}"
    assert [host.name for host in inventory.machines] == ["node1", "node2"]
    assert (inventory.ranges, maas.calls) == ((), [])


@pytest.mark.parametrize("sources", [["./machines.json"], ["one", "two"], ["-", "two"]])
def test_missing_file_is_refused(sources: list[str]) -> None:
    with pytest.raises(BotlabError) as caught:
        read(sources, Maas())
    name = next(source for source in sources if source != "-")
    assert str(caught.value) == (
        f"--maas {name}: is not a file; name files only, or one profile of the maas command"
    )


def test_standard_input_twice_is_refused() -> None:
    with pytest.raises(BotlabError, match="standard input can be read once only"):
        read(["-", "-"], Maas())


def test_standard_input_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(BotlabError, match="standard input: byte 0 is not UTF-8"):
        read_inventory(["-"], Maas(), io.BytesIO(b"\xff"))  # type: ignore[arg-type]
