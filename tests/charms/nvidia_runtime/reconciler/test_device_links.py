"""The links in /dev/char of NVIDIA's device nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.fake_machine import FakeMachine
from reconciler.device_links import create_links, device_number, missing_links

NUMBERS = {
    "nvidia0": "195:0",
    "nvidiactl": "195:255",
    "nvidia-uvm": "511:0",
    "nvidia-cap1": "237:1",
}


def read_number(path: str) -> str:
    """Return the number of a node; a name without a number is not one."""
    return NUMBERS.get(Path(path).name, "")


@pytest.fixture
def nodes(machine: FakeMachine) -> FakeMachine:
    """Return a machine with nodes, as nvidia-modprobe makes them."""
    for name in ("nvidia0", "nvidiactl", "nvidia-uvm", "nvidia-caps/nvidia-cap1", "nvidia-notes"):
        machine.write(f"/dev/{name}", "")
    return machine


def test_links_are_created_once(nodes: FakeMachine) -> None:
    """Drivers of today bring them; a link to a node that is gone is replaced."""
    directory = Path(nodes.path("/dev/char"))
    directory.mkdir()
    (directory / "195:0").symlink_to("../nvidia0")
    (directory / "511:0").symlink_to("../absent")
    assert missing_links(nodes, read_number) == {
        "/dev/char/195:255": "/dev/nvidiactl",
        "/dev/char/511:0": "/dev/nvidia-uvm",
        "/dev/char/237:1": "/dev/nvidia-caps/nvidia-cap1",
    }

    assert create_links(nodes, read_number)
    assert {link.name: str(link.readlink()) for link in directory.iterdir()} == {
        "195:0": "../nvidia0",
        "195:255": "../nvidiactl",
        "511:0": "../nvidia-uvm",
        "237:1": "../nvidia-caps/nvidia-cap1",
    }
    assert not create_links(nodes, read_number)


def test_number_is_that_of_a_character_device(tmp_path: Path) -> None:
    assert device_number("/dev/null") == "1:3"
    assert device_number(str(tmp_path)) == ""


def test_machine_without_nodes_needs_no_links(machine: FakeMachine) -> None:
    assert not create_links(machine)
    assert not machine.exists("/dev/char")
