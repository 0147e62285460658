"""The charms of a directory, and the charms whose paths a bundle names."""

from __future__ import annotations

import os.path
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import BotlabError, FileError
from ..text_files import is_regular_file
from .model import Charm
from .reader import read_charm


@dataclass(slots=True)
class LocalCharms:
    """Charms that were read from files.

    Attributes:
        charms: The facts, by each name under which the charm may be looked up.
        problems: Why a charm could not be read, by the same names.
    """

    charms: dict[str, Charm] = field(default_factory=dict[str, Charm])
    problems: dict[str, str] = field(default_factory=dict[str, str])


def charms_in(directory: Path) -> LocalCharms:
    """Read each charm of a directory: subdirectories and ``.charm`` archives.

    Returns:
        The charms by their own names, by the names of their subdirectories or archives without
        ``.charm``, and by the parts of these names before ``_``. Where two charms have the same
        name, the first one in the order of the file names counts.

    Raises:
        BotlabError: When the directory does not exist, or it or an entry cannot be examined.
    """
    if not os.path.isdir(directory):  # noqa: PTH112 - accepts names of any length
        raise FileError(directory, "is not a directory of charms")
    try:
        paths = sorted(directory.iterdir())
    except OSError as error:
        raise FileError(directory, f"cannot be read: {error.strerror}") from None
    loaded = LocalCharms()
    for path in paths:
        if _is_charm(path):
            stem = path.name.removesuffix(".charm")
            outcome = _outcome(path)
            own_names = [outcome.name] if isinstance(outcome, Charm) else []
            _enter(loaded, outcome, [stem, stem.partition("_")[0], *own_names])
    return loaded


def charms_at(paths: Iterable[tuple[str, Path]]) -> LocalCharms:
    """Read the charms of some applications, and each charm once.

    Args:
        paths: The name of each application, and the path of its charm.
    """
    loaded = LocalCharms()
    outcomes: dict[Path, Charm | BotlabError] = {}
    for name, path in paths:
        if path not in outcomes and os.path.exists(path):  # noqa: PTH110 - names of any length
            outcomes[path] = _outcome(path)
        if path in outcomes:
            _enter(loaded, outcomes[path], [name])
    return loaded


def _is_charm(path: Path) -> bool:
    if os.path.isdir(path):  # noqa: PTH112 - accepts names of any length
        return any(is_regular_file(path / name) for name in ("metadata.yaml", "charmcraft.yaml"))
    return path.suffix == ".charm" and is_regular_file(path)


def _outcome(path: Path) -> Charm | BotlabError:
    """Return the charm at a path, or the reason why it cannot be read."""
    try:
        return read_charm(path)
    except BotlabError as error:
        return error
    except OSError as error:
        return BotlabError(str(error))


def _enter(loaded: LocalCharms, outcome: Charm | BotlabError, names: Iterable[str]) -> None:
    """Enter a charm, or the reason why there is none, under some names."""
    for name in names:
        if isinstance(outcome, Charm):
            loaded.charms.setdefault(name, outcome)
        else:
            loaded.problems.setdefault(name, str(outcome))
