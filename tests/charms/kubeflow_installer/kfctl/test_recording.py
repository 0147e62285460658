"""The objects that kfctl made in a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kubeflow_installer.kfctl.recording import Recording


def config(name: str, text: str) -> dict[str, Any]:
    """Return a ConfigMap."""
    metadata = {"name": name, "namespace": "kubeflow"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": text}}


def test_objects_are_recorded_in_order_and_the_last_content_counts(tmp_path: Path) -> None:
    """An object that kfctl repeats is written once. The file holds secrets."""
    path = tmp_path / "objects.jsonl"
    path.write_text("old")
    recording = Recording(str(path))
    sent = [
        config("a", "1"),
        config("b", "1"),
        config("b", "1"),
        config("a", "2"),
        config("a", "1"),
    ]
    for manifest in sent:
        recording.add(manifest)

    assert recording.count == 2
    assert recording.latest(config("a", "?")) == config("a", "1")
    assert recording.latest(config("c", "?")) is None
    recording.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [config("a", "1"), config("b", "1"), config("a", "2"), config("a", "1")]
    assert list(lines[0]) == ["apiVersion", "data", "kind", "metadata"]


def test_new_file_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "objects.jsonl"
    Recording(str(path)).close()

    assert path.stat().st_mode & 0o777 == 0o600


def test_only_an_object_that_was_followed_by_another_content_was_replaced(tmp_path: Path) -> None:
    """In the earlier run."""
    earlier = [config("a", "1"), config("b", "1"), config("a", "2")]
    recording = Recording(str(tmp_path / "new"), [json.dumps(entry) for entry in earlier])

    assert recording.was_replaced(config("a", "1"))
    assert not recording.was_replaced(config("a", "2"))
    assert not recording.was_replaced(config("a", "3"))
    assert not recording.was_replaced(config("b", "1"))
    assert not recording.was_replaced(config("c", "1"))
    assert recording.count == 0
    recording.close()


def test_foreign_objects_are_named_once(tmp_path: Path) -> None:
    recording = Recording(str(tmp_path / "new"))
    for name in ("Secret b", "Secret a", "Secret b"):
        recording.add_foreign(name)

    assert recording.foreign == ["Secret b", "Secret a"]
    recording.close()
