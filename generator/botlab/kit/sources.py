"""Where the files of a kit come from: a directory of downloads, or a mirror."""

from __future__ import annotations

import http.client
import os
import shutil
import stat
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit

from ..errors import BotlabError, FileError
from ..text_files import is_dangling, is_regular_file
from ..urls import has_credentials, redact
from .items import Item
from .limits import BLOCK, LARGEST_FILE
from .paths import files_below

# The directories of a source whose files all belong to the kit: packages with what they depend on,
# and the agents of Juju. Their names do not follow from the site.
CARRIED = ("packages", "juju")
# How long a server may be silent, and the whole download may take.
_SILENCE, _SECONDS = 60.0, 6 * 3600.0
_MISSING = (404, 410)


class Source(Protocol):
    """A place that may have the files of items."""

    def find(self, item: Item) -> Path | None:
        """Return the file of an item; None when the source does not have it."""
        ...

    def carried(self) -> Iterator[tuple[str, Path]]:
        """Yield the further files that belong to the kit, with their paths in it."""
        ...

    def name_of(self, file: Path) -> str:
        """Return the name of a file that was found, in messages."""
        ...


class Directory:
    """A directory of files that were downloaded before.

    A file is found under the item's path in the kit, under the name of that path, or under its
    digest, in the directory itself or in its subdirectory of the kind.

    Args:
        directory: The directory.

    Raises:
        BotlabError: When it is not a directory.
    """

    def __init__(self, directory: Path) -> None:
        if not directory.is_dir():
            raise FileError(directory, "is not a directory")
        self._directory = directory

    def find(self, item: Item) -> Path | None:
        """Return the file of an item; None when the directory does not have it."""
        folder = item.path.partition("/")[0]
        for candidate in item.candidates:
            for path in (candidate, f"{folder}/{candidate}"):
                file = self._directory / path
                if is_file_or_dangling(file):
                    return file
        return None

    def carried(self) -> Iterator[tuple[str, Path]]:
        """Yield the files of the packages and of Juju, each directory sorted by name."""
        for name in CARRIED:
            if os.path.lexists(self._directory / name):
                for file in files_below(self._directory / name):
                    yield file.relative_to(self._directory).as_posix(), file

    def name_of(self, file: Path) -> str:
        """Return the path of a file."""
        return str(file)


class Mirror:
    """A server that has the files under their paths in the kit.

    The proxies are those of the environment: ``https_proxy``, ``http_proxy`` and ``no_proxy``.

    Args:
        url: The http or https URL that the paths follow.
        directory: A directory for the downloads.
    """

    def __init__(self, url: str, directory: Path) -> None:
        self._url, self._directory = url.rstrip("/"), directory
        self._opener = urllib.request.build_opener()
        self._urls: dict[Path, str] = {}

    def find(self, item: Item) -> Path | None:
        """Download the file of an item; return None when the mirror does not have it."""
        for candidate in item.candidates:
            url = f"{self._url}/{quote(candidate)}"
            file = self._download(url)
            if file is not None:
                self._urls[file] = url
                return file
        return None

    def carried(self) -> Iterator[tuple[str, Path]]:
        """Yield nothing, because a server does not list its files."""
        yield from ()

    def name_of(self, file: Path) -> str:
        """Return the URL that a file was downloaded from."""
        return redact(self._urls.get(file, str(file)))

    def _download(self, url: str) -> Path | None:
        try:
            with self._opener.open(url, timeout=_SILENCE) as response:
                return self._save(url, response)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in _MISSING:
                    return None
                raise BotlabError(f"{redact(url)}: cannot be fetched: {error}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise BotlabError(f"{redact(url)}: cannot be fetched: {error}") from None

    def _save(self, url: str, response: http.client.HTTPResponse) -> Path:
        """Write a response to a file, within the limits of size and time.

        `read1` does not recognize the end of the content before Python 3.13, and a connection that
        ends early does not raise an error of its own.
        """
        expected, size, end = response.length, 0, time.monotonic() + _SECONDS
        handle, name = tempfile.mkstemp(dir=self._directory)
        with os.fdopen(handle, "wb") as target:
            while size != expected and (block := response.read1(BLOCK)):
                size += len(block)
                if size > LARGEST_FILE or time.monotonic() > end:
                    problem = "is too large" if size > LARGEST_FILE else "takes too long"
                    raise BotlabError(f"{redact(url)}: {problem}")
                target.write(block)
        if expected is not None and size != expected:
            raise BotlabError(f"{redact(url)}: ended after {size} of {expected} bytes")
        return Path(name)


def source_of(text: str, directory: Path) -> Source:
    """Return the source that a user names: a directory, or the URL of a mirror.

    Args:
        text: The directory or URL.
        directory: A directory for downloads.

    Raises:
        BotlabError: When it is neither.
    """
    if text.startswith(("http://", "https://")):
        if problem := _url_problem(text):
            raise BotlabError(f"{redact(text)}: {problem}")
        return Mirror(text, directory)
    if "://" in text:
        raise BotlabError(f"{redact(text)}: is neither a directory nor an http or https URL")
    return Directory(Path(text))


def _url_problem(url: str) -> str:
    """Return why a URL cannot be the one of a mirror; empty when it can."""
    if has_credentials(url):
        return (
            "has a password, which botlab does not send; download the files into a directory, and"
            " name that with --from"
        )
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        is_complete = False
    if is_complete and url.isascii() and url.isprintable() and " " not in url:
        return ""
    return "is not the URL of a mirror; write https://HOST/PATH, which the paths of files follow"


def carrying_directory(source: str, file: Path) -> str:
    """Return the directory of a source that has a file and whose files all belong to the kit.

    Args:
        source: The directory or the URL, as the user names it; empty for none.
        file: The file.

    Returns:
        The directory; empty if the file is in none.
    """
    directories = [Path(source) / name for name in CARRIED] if source else []
    inside = (str(d) for d in directories if file.resolve().is_relative_to(d.resolve()))
    return next(inside, "")


def is_file_or_dangling(path: Path) -> bool:
    """Return whether a path is the file of an item, or a link that shows where it should be.

    A link to nothing is found, too, so that it is reported and does not pass for a missing file.

    Raises:
        BotlabError: When this cannot be found out.
    """
    return is_regular_file(path) or is_dangling(path)


def kind_problem(file: Path) -> str:
    """Return why a further file of a source cannot be in a kit; empty when it can."""
    is_regular = stat.S_ISREG(file.lstat().st_mode)
    return "" if is_regular else f"{file}: is a link or a device, so it cannot be in a kit"


def free_space_problem(directory: Path, size: int) -> str:
    """Return why a file of some size does not fit into a directory; empty when it does."""
    free = shutil.disk_usage(directory).free
    return "" if free > size else f"needs {size >> 20} MiB, and only {free >> 20} MiB are free"
