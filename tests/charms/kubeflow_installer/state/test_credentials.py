"""The generated password and its hash."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from kubeflow_installer.state import credentials

pytest.importorskip("passlib", reason="passlib is part of the archives, not of this environment")


class MemorySecret:
    """A secret in memory, with the methods of `labcharm.compat.SecretData`."""

    def __init__(self) -> None:
        self.content: dict[str, str] = {}
        self.writes = 0

    def read(self) -> dict[str, str]:
        """Return the content."""
        return dict(self.content)

    def write(self, content: dict[str, str]) -> None:
        """Replace the content."""
        self.content = dict(content)
        self.writes += 1


@pytest.fixture
def secret() -> Any:
    """Return an empty secret."""
    return MemorySecret()


def test_credentials_are_generated_once(secret: Any) -> None:
    """The second call reads them, also for another user."""
    first = credentials.ensure(secret, "a@b.c")
    second = credentials.ensure(secret, "other@b.c")

    assert secret.writes == 1
    assert (second.password, second.password_hash) == (first.password, first.password_hash)
    assert second.user == "other@b.c"
    assert len(first.password) == 24
    assert first.password.isalnum()


def test_key_is_added_to_what_an_earlier_revision_stored(secret: Any) -> None:
    """The password stays."""
    secret.content = {"password": "p", "hash": "h"}
    first = credentials.ensure(secret, "a@b.c")
    assert (first.password, first.password_hash, len(first.key)) == ("p", "h", 24)
    assert secret.content == {"password": "p", "hash": "h", "key": first.key}
    assert credentials.ensure(secret, "a@b.c").key == first.key
    assert secret.writes == 1
    assert credentials.renew(secret, "a@b.c").key != first.key


def test_renewed_credentials_replace_the_previous_ones(secret: Any) -> None:
    """Both the password and the hash differ."""
    first = credentials.ensure(secret, "a@b.c")
    second = credentials.renew(secret, "a@b.c")
    assert first.password != second.password
    assert first.password_hash != second.password_hash
    assert credentials.ensure(secret, "a@b.c").password == second.password


def test_hash_matches_the_password(secret: Any) -> None:
    """Any bcrypt can check it, and its cost is the lowest that dex accepts."""
    from passlib.hash import bcrypt

    generated = credentials.ensure(secret, "a@b.c")
    assert generated.password_hash.startswith("$2a$10$")
    assert bcrypt.verify(generated.password, generated.password_hash)
    assert not bcrypt.verify(generated.password + "x", generated.password_hash)


def test_text_of_credentials_hides_the_password(secret: Any) -> None:
    """Whatever logs them."""
    generated = credentials.ensure(secret, "a@b.c")
    assert generated.password not in repr(generated)
    assert generated.password not in str(generated)


def test_hashing_logs_nothing() -> None:
    """Also not at level DEBUG, which is that of a unit's log; passlib logs on its first use."""
    program = """
import logging
logging.basicConfig(level=logging.DEBUG)
from kubeflow_installer.state import credentials
credentials.bcrypt_hash("password")
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, env=environment, capture_output=True, check=True).stderr
    assert output == b""
