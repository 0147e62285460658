#!/usr/bin/env python3
"""Make everything that a release consists of, with the same bytes on every run.

The wheel, the source distribution, the archives of all charms, an SBOM for the wheel and for each
archive, the release notes, and the digests of all of these. `make dist` runs this.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from checkout import Checkout, CheckoutError
from lock_file import locked_packages
from release_notes import NotesError, is_released, release_notes
from sbom import Release
from source import SourceError, source_date, source_version

ROOT = Path(__file__).resolve().parents[1]
SUMS = "SHA256SUMS"
NOTES = "RELEASE_NOTES.md"


def make_release(root: Path, output: Path, time: int) -> None:
    """Write all files of a release.

    Args:
        root: The checkout, or an unpacked source distribution.
        output: An empty directory.
        time: Seconds since 1970 at which the files are dated.

    Raises:
        NotesError: When CHANGELOG.md does not fit the version.
        SourceError: When the version cannot be the name of a release.
        subprocess.CalledProcessError: When a part cannot be built.
    """
    version = source_version(root)
    notes = release_notes(_changelog(root), version)
    # hatchling would print names in the temporary directory; it still prints errors.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(time), "HATCH_QUIET": "1"}
    for command in _builds(root, output):
        subprocess.run(command, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    _write_sboms(root, output, Release(version, time))
    (output / NOTES).write_text(notes, encoding="utf-8")
    (output / SUMS).write_text(digests(output), encoding="utf-8")


def _changelog(root: Path) -> str:
    return (root / "CHANGELOG.md").read_text(encoding="utf-8")


def _builds(root: Path, output: Path) -> list[list[str]]:
    """Return the commands that make the archives, the source distribution and the wheel."""
    pack = [sys.executable, str(root / "charms/packing/pack.py"), "--output", str(output)]
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(output), "-t"]
    return [pack, [*build, "sdist"], [*build, "wheel"]]


def _write_sboms(root: Path, output: Path, release: Release) -> None:
    archives = sorted(output.glob("*.charm"))
    (wheel,) = output.glob("*.whl")
    lock = locked_packages((root / "requirements/botlab.txt").read_text(encoding="utf-8"))
    texts = {archive: release.charm_sbom(archive) for archive in archives}
    texts[wheel] = release.wheel_sbom(wheel, lock, archives)
    for file, text in texts.items():
        file.with_name(f"{file.name}.cdx.json").write_text(text, encoding="utf-8")


def digests(directory: Path) -> str:
    """Return the digests of a directory's files, as sha256sum prints and checks them."""
    return "".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
        for file in sorted(directory.iterdir())
        if file.name != SUMS
    )


def check_replaced(output: Path) -> None:
    """Check that nothing but an earlier release is replaced.

    Raises:
        SystemExit: When the directory has other files, or is a file.
    """
    if not output.exists():
        return
    if not output.is_dir():
        raise SystemExit(f"{output}: is a file; name another directory")
    if {file.name for file in output.iterdir()} - _release_files(output):
        raise SystemExit(f"{output}: has files that are not of a release; name another directory")


def _release_files(output: Path) -> set[str]:
    """Return the names of a release's files by its digests; none for another directory."""
    if not (output / SUMS).is_file():
        return set()
    lines = (output / SUMS).read_text(encoding="utf-8").splitlines()
    names = {line.partition("  ")[2] for line in lines}
    return {SUMS, *names} if NOTES in names else set()


def replace_release(root: Path, output: Path, time: int) -> None:
    """Make a release, and put it in the place of a directory when it is complete.

    Args:
        root: The checkout, or an unpacked source distribution.
        output: The directory, which may have an earlier release.
        time: Seconds since 1970 at which the files are dated.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".release-") as name:
        made = Path(name, "release")
        made.mkdir()
        make_release(root, made, time)
        # Two moves: an interrupted deletion would leave a part of the earlier release.
        if output.is_dir():
            output.replace(Path(name, "earlier"))
        made.replace(output)


def notes_for_publishers(root: Path) -> Iterator[str]:
    """Yield what speaks against publishing a release of this source.

    Raises:
        CheckoutError: When git cannot read the checkout.
    """
    checkout = Checkout(root)
    changed = checkout.uncommitted()
    if changed:
        yield f"not committed, but in the release: {', '.join(changed)}"
    version = source_version(root)
    tag = checkout.tag_note(version, is_released=is_released(_changelog(root), version))
    if tag:
        yield tag


def _end(number: int, _: FrameType | None) -> None:
    """End the program after a signal as after an error, with its temporary files removed."""
    raise SystemExit(f"ended by {signal.Signals(number).name}; no release was made")


def main(argv: list[str] | None = None) -> int:
    """Make the release, and print the names of its files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--output", type=Path, default=ROOT / "dist/release", metavar="DIR")
    output = parser.parse_args(argv).output.resolve()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    check_replaced(output)
    try:
        for note in notes_for_publishers(ROOT):
            print(f"note: {note}", file=sys.stderr)
        replace_release(ROOT, output, source_date(ROOT))
    except (CheckoutError, NotesError, SourceError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"{error}") from None
    for file in sorted(output.iterdir()):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
