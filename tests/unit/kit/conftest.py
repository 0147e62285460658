"""A kit of the air-gapped example, with small files in place of what a lab downloads."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.kit.items import Item
from helpers.kits import EXAMPLE, Downloads, kit_items


@pytest.fixture(scope="session")
def example_items(tmp_path_factory: pytest.TempPathFactory) -> list[Item]:
    """The items of the air-gapped example."""
    return kit_items(EXAMPLE, tmp_path_factory.mktemp("items"))


@pytest.fixture(scope="session")
def downloads(example_items: list[Item], tmp_path_factory: pytest.TempPathFactory) -> Downloads:
    """A directory that has a file for each item of the example."""
    return Downloads(tmp_path_factory.mktemp("downloads"), example_items)


@pytest.fixture(scope="session")
def kit(downloads: Downloads, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete kit of the example."""
    return downloads.make_kit(EXAMPLE, tmp_path_factory.mktemp("kit") / "lab.tar")
