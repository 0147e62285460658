"""The version and the date of a release's source, and what git knows about it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from checkout import Checkout, CheckoutError
from source import EARLIEST, SourceError, source_date, source_version


def git(directory: Path, *arguments: str) -> None:
    """Run git as the author of commits of 2001-09-09."""
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_COMMITTER_DATE": "@1000000000 +0000",
    }
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run(["git", *identity, *arguments], cwd=directory, env=environment, check=True)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with one commit."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-qm", "First", "--allow-empty")
    return tmp_path


def write_version(root: Path, line: str) -> None:
    """Write a line into the module that has the version."""
    module = root / "generator/botlab/__init__.py"
    module.parent.mkdir(parents=True)
    module.write_text(f'"""botlab."""\n\n{line}\n')


@pytest.mark.parametrize("version", ["1.2.0", "0.1.0", "2.0.0rc1", "1.0.dev3"])
def test_version_is_that_of_the_package(tmp_path: Path, version: str) -> None:
    write_version(tmp_path, f'__version__ = "{version}"')

    assert source_version(tmp_path) == version


@pytest.mark.parametrize(
    "line", ['__version__ = "1.2-dev"', '__version__ = "v1.2"', '__version__ = "x"', "a = 1"]
)
def test_version_that_the_files_would_not_have_is_refused(tmp_path: Path, line: str) -> None:
    """A wheel of version 1.2-dev would be named 1.2.dev0."""
    write_version(tmp_path, line)

    with pytest.raises(SourceError, match="is not a version in its normal form; write it as"):
        source_version(tmp_path)


def test_release_is_dated_at_the_last_commit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless SOURCE_DATE_EPOCH names another time."""
    assert source_date(root) == 1_000_000_000

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert source_date(root) == 1_700_000_000


def test_date_is_one_that_an_archive_can_have(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "5")
    assert source_date(root) == EARLIEST

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    with pytest.raises(SourceError, match=r"^SOURCE_DATE_EPOCH: today is not a number of seconds"):
        source_date(root)


def test_unpacked_source_has_the_date_of_its_release(root: Path) -> None:
    """Also in the checkout of another project, whose commits say nothing about it."""
    source = root / "botlab-1.2.0"
    source.mkdir()
    assert source_date(source) == EARLIEST

    info = source / "PKG-INFO"
    info.touch()
    os.utime(info, (1_500_000_000, 1_500_000_000))
    assert source_date(source) == 1_500_000_000
    assert Checkout(source).uncommitted() == []
    assert Checkout(source).tag_note("1.2.0", is_released=True) == ""


def test_files_that_are_not_committed_are_named(root: Path) -> None:
    """Whatever the user's settings hide."""
    git(root, "config", "status.showUntrackedFiles", "no")
    assert Checkout(root).uncommitted() == []

    (root / "näw.txt").touch()
    assert Checkout(root).uncommitted() == ["näw.txt"]


def test_checkout_that_git_cannot_read_is_an_error(root: Path) -> None:
    """Its date would silently be another one."""
    (root / ".git/HEAD").write_text("damaged")

    with pytest.raises(CheckoutError, match=r"^git log: fatal: not a git repository"):
        source_date(root)


def test_git_that_is_not_installed_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))

    with pytest.raises(CheckoutError, match="install git"):
        Checkout(root).uncommitted()


def test_released_version_needs_its_tag(root: Path) -> None:
    """Between two releases, no tag is expected."""
    missing = "the commit has no tag v1.2.0; run: git tag v1.2.0"
    assert Checkout(root).tag_note("1.2.0", is_released=True) == missing
    assert Checkout(root).tag_note("1.2.0", is_released=False) == ""

    git(root, "tag", "v1.2.0")
    assert Checkout(root).tag_note("1.2.0", is_released=True) == ""


@pytest.mark.parametrize("is_released", [True, False])
def test_version_of_an_earlier_release_is_not_used_again(root: Path, is_released: bool) -> None:
    git(root, "tag", "v1.2.0")
    git(root, "commit", "-qm", "Second", "--allow-empty")

    note = Checkout(root).tag_note("1.2.0", is_released=is_released)

    assert note == "the tag v1.2.0 is another commit; set the next version before you publish"
