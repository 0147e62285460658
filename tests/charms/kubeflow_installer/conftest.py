"""The charm's modules on the path."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = (
    "charms/kubeflow-installer/src", "charms/shared/lib", "tests/charms",
    "tests/charms/kubeflow_installer",
)  # fmt: skip
for folder in FOLDERS:
    if str(ROOT / folder) not in sys.path:
        sys.path.append(str(ROOT / folder))
