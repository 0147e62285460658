#!/usr/bin/env python3
"""Make everything that a release consists of, with the same bytes on every run.

The wheel, the source distribution, the archives of all charms, an SBOM for the wheel and for each
archive, the release notes, and the digests of all of these. `make dist` runs this.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lock_file import locked_packages
from release_notes import NotesError, release_notes
from sbom import Release

ROOT = Path(__file__).resolve().parents[1]
SUMS = "SHA256SUMS"
NOTES = "RELEASE_NOTES.md"
# The date of the files if neither the caller nor git knows one: the earliest that zip can write.
_EARLIEST = 315532800


def source_date(root: Path) -> int:
    """Return the time of the release: SOURCE_DATE_EPOCH, or the time of the last commit."""
    named = os.environ.get("SOURCE_DATE_EPOCH", "")
    if named:
        return int(named)
    return int(_git(root, "log", "-1", "--format=%ct") or _EARLIEST)


def uncommitted(root: Path) -> list[str]:
    """Return the files of a checkout that differ from its last commit."""
    return [line[3:] for line in _git(root, "status", "--porcelain").splitlines()]


def _git(root: Path, *arguments: str) -> str:
    """Return the output of git; empty outside of a checkout."""
    command = ["git", "-C", str(root), *arguments]
    process = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return "" if process.returncode else process.stdout


def make_release(root: Path, output: Path, time: int) -> None:
    """Write all files of a release.

    Args:
        root: The checkout, or an unpacked source distribution.
        output: An empty directory.
        time: Seconds since 1970 at which the files are dated.

    Raises:
        NotesError: When CHANGELOG.md does not fit the version.
        subprocess.CalledProcessError: When a part cannot be built.
    """
    version = _version(root)
    notes = release_notes((root / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(time)}
    for command in _builds(root, output):
        subprocess.run(command, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    _write_sboms(root, output, Release(version, time))
    (output / NOTES).write_text(notes, encoding="utf-8")
    (output / SUMS).write_text(digests(output), encoding="utf-8")


def _version(root: Path) -> str:
    """Return the version of the package without importing it."""
    text = (root / "generator/botlab/__init__.py").read_text(encoding="utf-8")
    return text.partition('__version__ = "')[2].partition('"')[0]


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
        if output.is_dir():
            shutil.rmtree(output)
        made.replace(output)


def main(argv: list[str] | None = None) -> int:
    """Make the release, and print the names of its files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--output", type=Path, default=ROOT / "dist/release", metavar="DIR")
    output = parser.parse_args(argv).output.resolve()
    check_replaced(output)
    changed = uncommitted(ROOT)
    if changed:
        print(f"note: not committed, but in the release: {', '.join(changed)}", file=sys.stderr)
    try:
        replace_release(ROOT, output, source_date(ROOT))
    except NotesError as error:
        raise SystemExit(str(error)) from None
    for file in sorted(output.iterdir()):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
