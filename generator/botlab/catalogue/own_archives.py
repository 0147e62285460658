"""The archives of this project's charms: the wheel has them, and a checkout packs them.

Their names are those of the packer: ``NAME_BASES_ARCH.charm``.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Generator
from pathlib import Path

from ..errors import BotlabError
from ..file_output import output_of, replace, writing
from .package_data import archives_directory, charms_directory

ARCHITECTURES = ("amd64", "arm64")


def pack_charms(directory: Path, charms: Path | None = None) -> None:
    """Pack the charms of a checkout.

    Args:
        directory: The directory for the archives.
        charms: The checkout's directory of charms; by default the one beside this package.

    Raises:
        BotlabError: When this is no checkout, or a package cannot be downloaded.
    """
    program = (charms or charms_directory()) / "packing" / "pack.py"
    command = [sys.executable, str(program), "--output", str(directory)]
    status, errors = _run(command)
    if status:
        reason = (errors.strip().splitlines() or [f"{program} failed"])[-1]
        raise BotlabError(f"the charms cannot be packed: {reason}")


def _run(command: list[str]) -> tuple[int, str]:
    """Run the packer, and return its exit status and its errors.

    If botlab is ended, the packer is ended by SIGTERM, so that it removes its own files.
    """
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:  # noqa: S603
        try:
            _, errors = process.communicate()
        except BaseException:
            process.terminate()
            raise
    return process.returncode, errors


def write_archives(
    directory: Path,
    architectures: Collection[str] = ARCHITECTURES,
    *,
    packaged: Path | None = None,
    pack: Callable[[Path], None] = pack_charms,
) -> list[Path]:
    """Write the archives to a directory, which is made if it does not exist.

    Args:
        directory: The directory.
        architectures: The architectures of the archives to write.
        packaged: The directory with the archives; by default the one in the wheel.
        pack: Packs the archives into a directory, if none are packaged.

    Returns:
        The paths of the archives, sorted.

    Raises:
        BotlabError: When the charms cannot be packed, or an archive cannot be written.
    """
    with _archives(packaged or archives_directory(), pack) as source:
        archives = [
            path
            for path in sorted(source.glob("*.charm"))
            if path.stem.rpartition("_")[2] in architectures
        ]
        with writing(directory):
            directory.mkdir(parents=True, exist_ok=True)
        outputs = [output_of(directory / archive.name) for archive in archives]
        for archive, output in zip(archives, outputs, strict=True):
            replace(output, archive.read_bytes())
        return [output.name for output in outputs]


@contextlib.contextmanager
def _archives(packaged: Path, pack: Callable[[Path], None]) -> Generator[Path]:
    """Return the directory with all archives, for as long as they are needed."""
    if packaged.is_dir():
        yield packaged
        return
    with tempfile.TemporaryDirectory() as directory:
        pack(Path(directory))
        yield Path(directory)
