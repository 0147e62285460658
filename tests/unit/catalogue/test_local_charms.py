"""The names under which charms of files are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.catalogue.local_charms import charms_at, charms_in
from botlab.errors import BotlabError
from helpers.charm_archives import write_archive


def archive(path: Path, name: str) -> Path:
    """Write a charm with a name."""
    return write_archive(path, {"metadata.yaml": f"name: {name}\n"})


def test_charm_of_an_application_is_not_the_charm_of_another_one(tmp_path: Path) -> None:
    """An application with the charm's name may have a charm of the store."""
    path = archive(tmp_path / "mine.charm", "etcd")

    loaded = charms_at([("database", path), ("missing", tmp_path / "no.charm")])

    assert {key: charm.name for key, charm in loaded.charms.items()} == {"database": "etcd"}
    assert loaded.problems == {}


def test_charm_that_cannot_be_read_is_a_problem_of_its_application(tmp_path: Path) -> None:
    path = tmp_path / "text.charm"
    path.write_text("name: etcd\n")

    loaded = charms_at([("database", path)])

    assert loaded.charms == {}
    assert list(loaded.problems) == ["database"]
    assert loaded.problems["database"].startswith(f"{path}: is not a charm archive")


def test_charm_of_a_directory_has_its_names(tmp_path: Path) -> None:
    """Its own, and those of the file. The first file wins; what is not a charm does not count."""
    archive(tmp_path / "a_jammy_amd64.charm", "own")
    archive(tmp_path / "b.charm", "own")
    archive(tmp_path / "c.zip", "other")
    source = tmp_path / "d"
    source.mkdir()
    (source / "charmcraft.yaml").write_text("name: source\n")
    (source / "metadata.yaml").write_text("name: source\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken_x.charm").write_text("")

    loaded = charms_in(tmp_path)

    assert {key: charm.name for key, charm in loaded.charms.items()} == {
        "a_jammy_amd64": "own",
        "a": "own",
        "own": "own",
        "b": "own",
        "d": "source",
        "source": "source",
    }
    assert loaded.charms["own"] is loaded.charms["a"]
    assert list(loaded.problems) == ["broken_x", "broken"]


def test_missing_directory_of_charms_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BotlabError) as raised:
        charms_in(tmp_path / "none")
    assert str(raised.value) == f"{tmp_path}/none: is not a directory of charms"
