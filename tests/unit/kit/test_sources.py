"""The directory or the mirror that the files of a kit come from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from botlab.errors import BotlabError
from botlab.kit import sources
from botlab.kit.items import Item, Kind
from botlab.kit.sources import Directory, Mirror, kind_problem, source_of
from helpers.file_server import Server
from helpers.raw_server import ANSWER, BROKEN, CHUNKED, SOUND, raw_server

DIGEST = "a" * 64
ITEM = Item(Kind.IMAGE, "x/y:1", "", path="images/y=1.tar", digest=f"sha256:{DIGEST}")


@pytest.mark.parametrize(
    "path",
    ["images/y=1.tar", "y=1.tar", "images/images/y=1.tar", f"images/{DIGEST}", DIGEST],
)
def test_directory_has_a_file_under_its_path_its_name_or_its_digest(
    tmp_path: Path, path: str
) -> None:
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_bytes(b"x")
    assert Directory(tmp_path).find(ITEM) == tmp_path / path


def test_directory_without_the_file_has_none(tmp_path: Path) -> None:
    (tmp_path / "images/y=1.tar").mkdir(parents=True)
    assert Directory(tmp_path).find(ITEM) is None
    assert Directory(tmp_path).find(Item(Kind.SERVICE, "juju", "")) is None


def test_link_to_nothing_is_found_so_that_it_can_be_reported(tmp_path: Path) -> None:
    (tmp_path / "y=1.tar").symlink_to("nowhere")
    assert Directory(tmp_path).find(ITEM) == tmp_path / "y=1.tar"


def test_packages_and_agents_are_carried(tmp_path: Path) -> None:
    for path in ("packages/b_1.deb", "packages/a/c_1.deb", "juju/tools/x.tgz", "other/y"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"x")
    assert [path for path, _ in Directory(tmp_path).carried()] == [
        "packages/b_1.deb", "packages/a/c_1.deb", "juju/tools/x.tgz",
    ]  # fmt: skip


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc", "nowhere"])
def test_link_among_the_packages_cannot_be_in_a_kit(tmp_path: Path, target: str) -> None:
    """Not even a link to a directory, whose files would be missing without a message."""
    (tmp_path / "packages").mkdir()
    link = tmp_path / "packages/x.deb"
    link.symlink_to(target)
    ((path, file),) = Directory(tmp_path).carried()
    assert path == "packages/x.deb"
    assert kind_problem(file) == f"{link}: is a link or a device, so it cannot be in a kit"


@pytest.mark.parametrize("name", ["packages", "juju"])
def test_file_in_place_of_a_carried_directory_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(BotlabError, match=f"{name}: cannot be read: Not a directory"):
        list(Directory(tmp_path).carried())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_mirror_has_a_file_under_its_path(tmp_path: Path, server: Server) -> None:
    server.files["y%3D1.tar"] = b"image"
    found = Mirror(f"{server.url}/kit/", tmp_path).find(ITEM)
    assert found is not None
    assert found.read_bytes() == b"image"
    assert server.requests == ["/kit/images/y%3D1.tar"]


def test_mirror_is_asked_for_every_name(tmp_path: Path, server: Server) -> None:
    assert Mirror(server.url, tmp_path).find(ITEM) is None
    assert server.requests == ["/images/y%3D1.tar", "/y%3D1.tar", f"/{DIGEST}"]
    assert list(tmp_path.iterdir()) == []


def test_proxy_of_the_environment_is_used(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    server.files["y%3D1.tar"] = b"image"
    assert Mirror("http://mirror.example/kit", tmp_path).find(ITEM) is not None
    assert server.requests == ["http://mirror.example/kit/images/y%3D1.tar"]


def test_failing_mirror_is_an_error_without_secrets(tmp_path: Path, server: Server) -> None:
    server.statuses["/images/y%3D1.tar"] = 403
    url = server.url.replace("://", "://user:secret@")
    with pytest.raises(BotlabError) as raised:
        Mirror(url, tmp_path).find(ITEM)
    assert "***@127.0.0.1" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_too_large_download_is_an_error(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "LARGEST_FILE", 3)
    server.files["y%3D1.tar"] = b"image"
    with pytest.raises(BotlabError, match="is too large"):
        Mirror(server.url, tmp_path).find(ITEM)


@pytest.mark.parametrize("answer", [answer for answer in BROKEN if b"gzip" not in answer])
def test_broken_answer_is_an_error(tmp_path: Path, answer: bytes) -> None:
    with raw_server() as server:
        server.answer = answer
        with pytest.raises(
            BotlabError, match=r"127\.0\.0\.1:\d+/images.*: (cannot be|ended after)"
        ):
            Mirror(f"http://127.0.0.1:{server.port}", tmp_path).find(ITEM)


@pytest.mark.parametrize("answer", [ANSWER, CHUNKED])
def test_answer_is_saved_whatever_its_form(tmp_path: Path, answer: bytes) -> None:
    with raw_server() as server:
        server.answer = answer
        file = Mirror(f"http://127.0.0.1:{server.port}", tmp_path).find(ITEM)
    assert file is not None
    assert file.read_bytes() == SOUND


def test_unreachable_mirror_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BotlabError, match="cannot be fetched"):
        Mirror("http://127.0.0.1:1", tmp_path).find(ITEM)


@pytest.mark.parametrize(
    "url",
    ["http://", "http://[::1", "http://x/?token=s3cret", "http://x/#a", "http://x/a b",
     "http://x/\u00e4", "http://x/a\nb"],
)  # fmt: skip
def test_url_that_paths_cannot_follow_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(BotlabError, match="is not the URL of a mirror; write https://") as raised:
        source_of(url, tmp_path)
    assert "s3cret" not in str(raised.value)


def test_mirror_with_a_password_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BotlabError, match="which botlab does not send") as raised:
        source_of("https://user:s3cret@mirror.example/kit", tmp_path)
    assert "s3cret" not in str(raised.value)


def test_file_of_a_mirror_is_named_by_its_url(tmp_path: Path, server: Server) -> None:
    server.files["y%3D1.tar"] = b"image"
    mirror = Mirror(server.url, tmp_path)
    file = mirror.find(ITEM)
    assert file is not None
    assert mirror.name_of(file) == f"{server.url}/images/y%3D1.tar"


@pytest.mark.parametrize("text", ["ftp://x/y", "file:///etc", "s3://bucket"])
def test_other_schemes_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BotlabError, match="is neither a directory nor an http or https URL"):
        source_of(text, tmp_path)


def test_source_is_a_directory_or_a_mirror(tmp_path: Path) -> None:
    assert isinstance(source_of(str(tmp_path), tmp_path), Directory)
    assert isinstance(source_of("https://mirror.example", tmp_path), Mirror)
    with pytest.raises(BotlabError, match="missing: is not a directory"):
        source_of(str(tmp_path / "missing"), tmp_path)


def test_free_space_is_compared(tmp_path: Path) -> None:
    assert sources.free_space_problem(tmp_path, 1) == ""
    assert "are free" in sources.free_space_problem(tmp_path, 2**60)
