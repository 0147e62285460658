"""The charm's modules on the path."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
for folder in (
    ROOT / "charms/metallb/src",
    ROOT / "charms/shared/lib",
    ROOT / "tests/charms",
    ROOT / "tests/charms/metallb",
):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
