"""Modules of this suite's charms, for tests that hold the generator's tables against theirs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

CHARMS = Path(__file__).resolve().parents[2] / "charms"


@pytest.fixture
def charm_modules(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[str], Callable[[str], ModuleType]]]:
    """Return a function that opens a charm's modules for import, and forget all of them again."""
    before = set(sys.modules)

    def opened(charm: str) -> Callable[[str], ModuleType]:
        for folder in (CHARMS / charm / "src", CHARMS / "shared/lib"):
            monkeypatch.syspath_prepend(str(folder))
        return importlib.import_module

    yield opened
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(f"{CHARMS}/"):
            del sys.modules[name]
