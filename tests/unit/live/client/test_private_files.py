"""Values that may be secrets, in files and in messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.live.client.private_files import private_files, without_values
from botlab.live.errors import CommandFailedError


def test_each_value_is_in_a_file_of_its_own_until_the_end(tmp_path: Path) -> None:
    """Only the user can read them. The directory is made, because a snap has its own."""
    directory = tmp_path / "new" / "snap"
    with private_files({"a": "hunter22", "b": "\udcff"}, directory) as files:
        assert list(files) == ["a", "b"]
        assert [path.read_bytes() for path in files.values()] == [b"hunter22", b"\xff"]
        assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
        assert {path.parent.parent for path in files.values()} == {directory}
        assert files["a"].parent.stat().st_mode & 0o777 == 0o700
    assert list(directory.iterdir()) == []


def test_files_are_deleted_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), private_files({"a": "hunter22"}, tmp_path):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_message_does_not_repeat_a_value_that_may_be_a_secret() -> None:
    """The longest is replaced first. A value of less than eight characters is a common word."""
    error = CommandFailedError("juju config", 1, "bad hunter22-long, hunter22, size and 1234567")
    values = {"a": "hunter22", "b": "hunter22-long", "c": "size", "d": "1234567"}

    cleaned = without_values(error, values)

    assert cleaned.output == "bad (the value), (the value), size and 1234567"
    assert (cleaned.call, cleaned.status) == ("juju config", 1)
