"""The charms' own modules charm.py, each imported by a name of its own."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

CHARMS = Path(__file__).resolve().parents[2] / "charms"


def load(charm: str) -> ModuleType:
    """Import a charm's charm.py once; all of them are called `charm`."""
    name = charm.replace("-", "_") + "_charm"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, CHARMS / charm / "src/charm.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
