"""Fixtures of all charms' tests: the packed charms."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.archives import pack_charms


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack all charms for this machine into one directory and return it."""
    directory = tmp_path_factory.mktemp("charms")
    pack_charms(directory)
    return directory
