"""Resources of a bundle, compared with what ``juju resources`` prints."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from botlab.bundle.model import Application
from botlab.live.comparison.resources import has_digests, resource_differences


def _document(**entry: Any) -> dict[str, Any]:
    return {"resources": [{"name": "page", "type": "file", "origin": "upload", **entry}]}


def _digest(text: str) -> str:
    return hashlib.sha384(text.encode()).hexdigest()


def test_file_with_the_same_content_does_not_differ(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("welcome")
    application = Application(resources={"page": "./page.html"})
    document = _document(fingerprint=_digest("welcome"), size=7)
    assert list(resource_differences("web", application, document, str(tmp_path))) == []
    assert has_digests(document)


def test_changed_file_is_attached_again(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("changed")
    application = Application(resources={"page": "./page.html"})
    document = _document(fingerprint=_digest("welcome"))
    (difference,) = resource_differences("web", application, document, str(tmp_path))
    assert difference.delta.old == f"SHA-384 {_digest('welcome')[:12]}..."
    assert difference.delta.new == f"page.html, SHA-384 {_digest('changed')[:12]}..."
    (command,) = difference.commands
    assert command.text() == f"juju attach-resource web page={tmp_path}/page.html"
    assert not command.is_part_of_deploy


def test_other_revision_of_a_store_resource_is_attached() -> None:
    application = Application(resources={"page": 4})
    (difference,) = resource_differences("web", application, _document(revision="3"), "/lab")
    assert str(difference.delta) == "application web: resources.page 3 -> 4"
    assert difference.commands[0].text() == "juju attach-resource web page=4"


def test_resource_without_a_digest_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("changed")
    application = Application(resources={"page": "./page.html"})
    assert list(resource_differences("web", application, _document(), str(tmp_path))) == []
    assert not has_digests(_document())
