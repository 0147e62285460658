"""A password that is made once, and its hash."""

from __future__ import annotations

import pytest

from kubeflow_installer.state import credentials

pytest.importorskip("passlib", reason="passlib is part of the archives, not of this environment")


class Keep:
    """Keeps in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.writes = 0

    def read(self) -> dict[str, str]:
        """Return what is kept."""
        return dict(self.kept)

    def write(self, values: dict[str, str]) -> None:
        """Keep."""
        self.kept = dict(values)
        self.writes += 1


def test_made_once() -> None:
    """The second time it is read."""
    keep = Keep()
    first = credentials.ensure(keep, "a@b.c")
    second = credentials.ensure(keep, "other@b.c")

    assert keep.writes == 1
    assert (second.password, second.password_hash) == (first.password, first.password_hash)
    assert second.user == "other@b.c"
    assert len(first.password) == 24
    assert first.password.isalnum()


def test_renewed() -> None:
    """Another password, another hash."""
    keep = Keep()
    first = credentials.ensure(keep, "a@b.c")
    second = credentials.renew(keep, "a@b.c")
    assert first.password != second.password
    assert first.password_hash != second.password_hash
    assert credentials.ensure(keep, "a@b.c").password == second.password


def test_the_hash_is_the_passwords() -> None:
    """As any bcrypt checks it; with the least cost that dex takes."""
    from passlib.hash import bcrypt

    made = credentials.ensure(Keep(), "a@b.c")
    assert made.password_hash.startswith("$2a$10$")
    assert bcrypt.verify(made.password, made.password_hash)
    assert not bcrypt.verify(made.password + "x", made.password_hash)


def test_no_text_of_it_has_the_password() -> None:
    """Whatever is logged of it."""
    made = credentials.ensure(Keep(), "a@b.c")
    assert made.password not in repr(made)
    assert made.password not in str(made)
