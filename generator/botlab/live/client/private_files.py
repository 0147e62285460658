"""Values that may be secrets, in files that the ``juju`` program reads."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path

from ..errors import CommandFailedError

# A shorter value is no secret, and would be found in words of the message.
_SHORTEST_SECRET = 8


@contextlib.contextmanager
def private_files(values: Mapping[str, str], directory: Path | None) -> Generator[dict[str, Path]]:
    """Write each value into a file that only the user can read, and delete the files at the end.

    Args:
        values: The values by name.
        directory: Where to create them; None for the directory for temporary files, which a
            strictly confined snap cannot read.

    Yields:
        The paths by name.
    """
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="botlab-", dir=directory) as name:
        files: dict[str, Path] = {}
        for number, (key, value) in enumerate(values.items()):
            files[key] = Path(name, str(number))
            files[key].touch(mode=0o600)
            files[key].write_bytes(os.fsencode(value))
        yield files


def without_values(error: CommandFailedError, values: Mapping[str, str]) -> CommandFailedError:
    """Return an error whose text does not have the values of a call."""
    output = error.output
    for value in sorted(values.values(), key=len, reverse=True):
        if len(value) >= _SHORTEST_SECRET:
            output = output.replace(value, "(the value)")
    return CommandFailedError(error.call, error.status, output)
