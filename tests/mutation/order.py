"""A plugin of pytest that runs the most likely tests first, and leaves out some.

Environment variables:
    MUTATION_ORDER: A JSON file with the names of the first tests, and of the tests to leave out.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the tests, and remove those to leave out."""
    order = json.loads(Path(os.environ["MUTATION_ORDER"]).read_text())
    ranks = {name: rank for rank, name in enumerate(order["first"])}
    left_out = set(order["left_out"])
    items[:] = [item for item in items if item.nodeid not in left_out]
    items.sort(key=lambda item: ranks.get(item.nodeid, len(ranks)))
