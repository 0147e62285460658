"""The values of the option ``--maas``: files, or a profile of the ``maas`` command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...errors import BotlabError
from ...text_files import read_text
from .inventory import MaasInventory, Runner, inventory_of_profile, inventory_of_texts

# The names of profiles are names of people and labs; a path has other characters.
_PROFILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)


def read_inventory(sources: Sequence[str], run: Runner) -> MaasInventory | None:
    """Return what MAAS knows.

    Args:
        sources: Files, or one profile. A source that is not a file counts as a profile.
        run: Runs the maas command.

    Returns:
        The inventory; None without a source.

    Raises:
        BotlabError: When a file cannot be read, or the command fails.
    """
    if not sources:
        return None
    if len(sources) == 1 and not Path(sources[0]).exists() and _PROFILE.fullmatch(sources[0]):
        return inventory_of_profile(sources[0], run)
    missing = [source for source in sources if not Path(source).exists()]
    if missing:
        raise BotlabError(
            f"--maas {missing[0]}: is not a file; name files only, or one profile of the maas"
            " command"
        )
    texts = [(read_text(Path(source)), source) for source in sources]
    return inventory_of_texts(texts, ", ".join(sources))
