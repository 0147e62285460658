"""The packages of a requirements file that uv locked."""

from __future__ import annotations

from pathlib import Path

from lock_file import LockedPackage, locked_packages

ROOT = Path(__file__).resolve().parents[3]
TEXT = """\
certifi==2026.10.18 \\
    --hash=sha256:00 \\
    --hash=sha256:01
    # via
    #   kubernetes
    #   requests
tomli==2.5.0 ; python_full_version < '3.11' \\
    --hash=sha256:02
    # via -r botlab.in
"""


def test_packages_have_their_markers_and_parents() -> None:
    assert locked_packages(TEXT) == [
        LockedPackage("certifi", "2026.10.18", "", ("kubernetes", "requests")),
        LockedPackage("tomli", "2.5.0", "python_full_version < '3.11'", ("-r botlab.in",)),
    ]


def test_every_lock_of_the_project_is_read() -> None:
    """Each line that pins a version is a package, and each package has a reason."""
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        packages = locked_packages(text)

        assert [f"{package.name}=={package.version}" for package in packages] == [
            line.split()[0] for line in text.splitlines() if line[0].isalnum()
        ]
        assert all(package.parents for package in packages), path
