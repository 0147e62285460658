"""What the option ``--maas`` names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..inventory.dumps import MaasInventory


def read_maas(sources: Sequence[str]) -> MaasInventory | None:
    """Return what MAAS knows; None without a source.

    Args:
        sources: The values of the option.

    Raises:
        BotlabError: When a file cannot be read, or the maas command fails.
    """
    if not sources:
        return None
    # Imported here, because few runs know MAAS.
    from ..inventory.source import read_inventory

    return read_inventory(sources, _run_maas, sys.stdin.buffer)


def _run_maas(arguments: Sequence[str]) -> str:
    # Imported here, because it is needed for a profile only.
    from ..live.maas.command import run_maas

    return run_maas(arguments)
