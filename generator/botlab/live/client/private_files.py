"""Files with secrets, which the ``juju`` program reads."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Generator
from pathlib import Path


@contextlib.contextmanager
def private_file(text: str, directory: Path | None) -> Generator[Path]:
    """Write a file that only the user can read, and delete it at the end.

    Args:
        text: Its text.
        directory: Where to create it. The snap cannot read the default, which is the directory
            for temporary files.

    Yields:
        The path of the file.
    """
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="botlab-", suffix=".yaml", dir=directory
    ) as file:
        file.write(text)
        file.flush()
        yield Path(file.name)
