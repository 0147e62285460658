"""What git knows about the tree that a release is made from."""

from __future__ import annotations

import subprocess
from pathlib import Path

# Settings of the user that change what git prints.
_PLAIN = ("-c", "log.showSignature=false", "-c", "core.quotePath=false")


class CheckoutError(Exception):
    """A checkout that git cannot read."""


class Checkout:
    """The root of the source: a checkout, or an unpacked source distribution.

    A source distribution may be unpacked below another project's checkout, whose commits say
    nothing about it.

    Args:
        root: The directory.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        # In a worktree of git, this is a file.
        self._is_checkout = (root / ".git").exists()

    def commit_time(self) -> int | None:
        """Return the time of the last commit in seconds since 1970; None outside of a checkout.

        Raises:
            CheckoutError: When git cannot read the checkout.
        """
        time = self._git("log", "-1", "--format=%ct")
        return int(time) if time else None

    def uncommitted(self) -> list[str]:
        """Return the files that differ from the last commit.

        Raises:
            CheckoutError: When git cannot read the checkout.
        """
        status = self._git("status", "--porcelain", "--untracked-files=normal")
        return [line[3:] for line in status.splitlines()]

    def tag_note(self, version: str, *, is_released: bool) -> str:
        """Return what the tag of a version says against publishing this commit; often nothing.

        Args:
            version: The version of the source.
            is_released: Whether CHANGELOG.md has a section for this version.

        Raises:
            CheckoutError: When git cannot read the checkout.
        """
        tag = f"v{version}"
        is_at_head = tag in self._git("tag", "--points-at", "HEAD").split()
        if not self._is_checkout or is_at_head:
            return ""
        if tag in self._git("tag", "--list", tag).split():
            return f"the tag {tag} is another commit; set the next version before you publish"
        return f"the commit has no tag {tag}; run: git tag {tag}" if is_released else ""

    def _git(self, *arguments: str) -> str:
        """Return the output of git; empty outside of a checkout."""
        if not self._is_checkout:
            return ""
        command = ["git", "-C", str(self._root), *_PLAIN, *arguments]
        try:
            process = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        except OSError as error:
            raise CheckoutError(f"git cannot run: {error.strerror}; install git") from None
        if process.returncode:
            raise CheckoutError(f"git {arguments[0]}: {process.stderr.strip()}")
        return process.stdout
