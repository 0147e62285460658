"""Let the tests import the corpus and the oracle beside them, under names of their own."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

for _name in ("corpus", "oracle"):
    _spec = importlib.util.spec_from_file_location(
        f"conformance_{_name}", Path(__file__).with_name(f"{_name}.py")
    )
    assert _spec is not None
    assert _spec.loader is not None
    _module = importlib.util.module_from_spec(_spec)
    sys.modules[_spec.name] = _module
    _spec.loader.exec_module(_module)
