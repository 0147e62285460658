"""The table of contents of a kit, which may come from anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from botlab.errors import BotlabError
from botlab.kit.items import Item, Kind
from botlab.kit.manifest import FileEntry, ItemEntry, Manifest, checksums, read_manifest

SHA = "0" * 64
IMAGE = Item(
    Kind.IMAGE, "docker.io/x/y:1", "skopeo", path="images/y.tar", target="r/x/y:1", digest="d"
)
MANIFEST = Manifest(
    botlab="0.1.0",
    site="lab",
    juju="3.6",
    profile="charmed-k8s",
    files=(FileEntry("images/y.tar", 3, SHA), FileEntry("site.yaml", 0, SHA)),
    items=(
        ItemEntry(IMAGE, included=True),
        ItemEntry(Item(Kind.SNAP, "core", "snap download core", version="x"), included=False),
        ItemEntry(Item(Kind.SERVICE, "juju", "snap"), included=False),
    ),
)


def test_manifest_is_read_as_it_was_written() -> None:
    assert read_manifest(MANIFEST.as_text(), "kit.json") == MANIFEST
    assert json.loads(MANIFEST.as_text())["format"] == 1


def test_services_are_not_missing() -> None:
    assert [item.name for item in MANIFEST.missing] == ["core"]


def test_checksums_have_the_form_of_sha256sum() -> None:
    assert checksums(MANIFEST.files) == f"{SHA}  images/y.tar\n{SHA}  site.yaml\n"


def changed(*path: str | int, value: Any) -> str:
    """Return the text of the manifest with another value at a path."""
    content = json.loads(MANIFEST.as_text())
    node = content
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "the file: is not a mapping"),
        ("{}", "has missing or unknown keys: botlab, files, format"),
        (changed("format", value=2), "format is 2, but this botlab reads 1"),
        (changed("format", value="1"), "format is '1'"),
        (changed("format", value=True), "format is True"),
        (changed("files", 0, "size", value=10**4000), "is not a number of bytes that a file"),
        (changed("extra", value=1), "has missing or unknown keys: extra"),
        (changed("site", value=None), "site: is not a text"),
        (changed("files", value={}), "files: is not a list"),
        (changed("files", 0, value="x"), "files: is not a mapping"),
        (changed("files", 0, "path", value="../x"), "the path '../x' has an empty part"),
        (changed("files", 0, "path", value=7), "kit.json: path: is not a text"),
        (changed("files", 0, "path", value="/x"), "the path '/x' is not a relative path"),
        (changed("files", 0, "path", value="site.yaml"), "files are not sorted, or one is in it"),
        (changed("files", 0, "path", value="z"), "files are not sorted"),
        (changed("files", 0, "path", value="kit.json"), "kit.json cannot be in it"),
        (changed("files", 0, "size", value=-1), "the size of images/y.tar is not a number"),
        (changed("files", 0, "size", value=True), "the size of images/y.tar is not a number"),
        (changed("files", 0, "sha256", value="F" * 64), "the sha256 of images/y.tar is not a"),
        (changed("items", 0, "kind", value="x"), "has an unknown kind"),
        (changed("items", 0, "included", value=1), "no `included`"),
        (changed("items", 0, "path", value="a/../b"), "the path 'a/../b' has"),
        (changed("items", 0, "path", value="images/z"), "images/z is included, but not in files"),
        (changed("items", 0, "get", value=["x"]), "get: is not a text"),
        ("{", "kit.json: is not valid JSON"),
    ],
)
def test_wrong_manifest_is_an_error(text: str, problem: str) -> None:
    with pytest.raises(BotlabError) as raised:
        read_manifest(text, "kit.json")
    assert problem in str(raised.value)


def test_file_that_is_a_directory_too_is_an_error() -> None:
    files = [{"path": path, "size": 0, "sha256": SHA} for path in ("a", "a/b")]
    text = changed("files", value=files).replace('"images/y.tar"', '""')
    with pytest.raises(BotlabError, match="a is a file and a directory"):
        read_manifest(text, "kit.json")
