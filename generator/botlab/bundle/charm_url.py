"""Charm URLs, as each Juju release parses them (juju/charm ``ParseURL``)."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from ..decimals import parse_int
from ..juju import Juju
from .go_text import quote
from .go_url import GoUrl, parse_go_url

# Each text has one way to match these expressions, so that the time is linear in its length.
SERIES = re.compile(r"[a-z][a-z0-9]*", re.ASCII)
NAME = re.compile(r"[a-z][a-z0-9]*(-[0-9]*[a-z][a-z0-9]*)*", re.ASCII)
# juju/names IsValidUser: names and domains have at least two characters.
_USER_NAME = r"[a-zA-Z0-9][a-zA-Z0-9.+-]*[a-zA-Z0-9]"
USER = re.compile(rf"{_USER_NAME}(?:@{_USER_NAME})?", re.ASCII)
_ARCHES = {"amd64", "arm64", "ppc64el", "s390x", "riscv64"}


@dataclass(frozen=True, slots=True)
class CharmUrl:
    """A parsed charm URL. The revision is -1 when the URL names none."""

    schema: str
    name: str
    user: str = ""
    series: str = ""
    revision: int = -1
    architecture: str = ""

    def __str__(self) -> str:
        owner = f"~{self.user}" if self.user else ""
        name = f"{self.name}-{self.revision}" if self.revision >= 0 else self.name
        parts = [part for part in (owner, self.architecture, self.series, name) if part]
        return f"{self.schema}:{'/'.join(parts)}"


class CharmUrlError(ValueError):
    """A charm URL that Juju cannot parse. The message is Juju's own."""


def is_local_path(charm: str) -> bool:
    """Return whether the key ``charm`` of a bundle holds a path rather than a URL."""
    return charm.startswith((".", "/"))


def is_local_charm(charm: str) -> bool:
    """Return whether the key ``charm`` of a bundle names a charm that is not in a store."""
    return is_local_path(charm) or charm.startswith("local:")


def charm_name(charm: str) -> str:
    """Return the name of a charm from its path or URL; empty when there is none.

    The name in a path is the last component, without ``.charm`` and without the platform that
    follows ``_``.
    """
    if is_local_path(charm):
        file_name = charm.rstrip("/").rpartition("/")[2]
        return file_name.removesuffix(".charm").partition("_")[0]
    return _split_revision(charm.rpartition("/")[2].rpartition(":")[2])[0]


def charmhub_name(charm: str, juju: Juju) -> str:
    """Return the name of a charm of Charmhub; empty for any other charm.

    Args:
        charm: The key ``charm`` of a bundle.
        juju: The Juju release.
    """
    if is_local_path(charm):
        return ""
    try:
        url = parse_charm_url(charm, juju)
    except CharmUrlError:
        return ""
    return url.name if url.schema == "ch" else ""


@functools.lru_cache(maxsize=4096)
def parse_charm_url(text: str, juju: Juju) -> CharmUrl:
    """Parse a charm URL as a Juju release does.

    Raises:
        CharmUrlError: With Juju's own message.
    """
    url = parse_go_url(text)
    if url is None:
        raise CharmUrlError(f"cannot parse charm or bundle URL: {quote(text)}")
    if url.has_extras:
        raise CharmUrlError(f"charm or bundle URL {quote(text)} has unrecognized parts")
    if juju < Juju.V2_9:
        if url.scheme in ("http", "https") and not url.opaque:
            return _parse_http(url)
        return _parse_v1(text, url, ("cs", "local"), juju)
    if url.scheme in ("ch", ""):
        return _parse_charmhub(url, juju)
    if juju < Juju.V3_6:
        if url.opaque or url.scheme == "cs":
            return _parse_v1(text, url, ("cs", "ch", "local"), juju)
        if url.scheme in ("http", "https"):
            return _parse_http(url)
    elif url.opaque:
        return _parse_v1(text, url, ("local",), juju)
    return _parse_charmhub(url, juju)


def schema_error(text: str, juju: Juju) -> str:
    """Return Juju's message for a schema that it cannot deploy from; empty when it can.

    The grammar of URLs accepts more than the client deploys (``EnsureSchema``).
    """
    url = parse_go_url(text)
    schemas = {"", "ch", "local", *(("cs", "http", "https") if juju < Juju.V3_6 else ())}
    if url is None or url.scheme in schemas:
        return ""
    return f"schema {quote(url.scheme)} not valid"


def _parse_v1(text: str, url: GoUrl, schemas: tuple[str, ...], juju: Juju) -> CharmUrl:
    """Parse a URL of one of some schemas. The first of them is the default."""
    schema = url.scheme or schemas[0]
    if schema not in schemas:
        raise CharmUrlError(
            f"cannot parse URL {quote(url.text)}: schema {quote(schema)} not valid"
        )
    user, parts = _split_user(text, schema, (url.opaque or url.path).split("/"))
    if not parts:
        raise CharmUrlError(f"URL without charm or bundle name: {quote(text)}")
    *series, last = parts
    for name in series if juju < Juju.V4_0 else ():
        _check_series(name, f"cannot parse URL {quote(text)}")
    name, revision = _split_revision(last)
    _check_user(user, text)
    _check_name(name, f"cannot parse URL {quote(url.text)}")
    return CharmUrl(schema, name, user, "".join(series), revision)


def _split_user(text: str, schema: str, parts: list[str]) -> tuple[str, list[str]]:
    """Return the user and the other parts of a URL: perhaps a series, and a name."""
    invalid = CharmUrlError(f"charm or bundle URL has invalid form: {quote(text)}")
    if len(parts) > 4:
        raise invalid
    user = ""
    if parts[0].startswith("~"):
        if schema == "local":
            raise CharmUrlError(f"local charm or bundle URL with user name: {quote(text)}")
        user, parts = parts[0][1:], parts[1:]
    if len(parts) > 2:
        raise invalid
    return user, parts


def _parse_http(url: GoUrl) -> CharmUrl:
    text = url.text
    parts = url.path.strip("/").split("/")
    user = ""
    if parts[0] == "u":
        if len(parts) < 3:
            expected = 'malformed, expected "/u/<user>/<name>"'
            raise CharmUrlError(f"charm or bundle URL {quote(text)} {expected}")
        user, parts = parts[1], parts[2:]
    series, revision = _http_series_and_revision(text, parts[1:])
    _check_user(user, text)
    _check_name(parts[0], f"cannot parse URL {quote(text)}")
    return CharmUrl("cs", parts[0], user, series, revision)


def _http_series_and_revision(text: str, parts: list[str]) -> tuple[str, int]:
    """Return the series and the revision that follow the name in an http URL."""
    if not parts:
        return "", -1
    number = parse_int(parts[0])
    if number is not None:
        return "", number
    series, *last = parts
    _check_series(series, f"cannot parse URL {quote(text)}")
    if not last:
        return series, -1
    if len(last) > 1:
        raise CharmUrlError(f"charm or bundle URL has invalid form: {quote(text)}")
    revision = parse_int(last[0])
    if revision is None:
        detail = f"has malformed revision: {quote(last[0])} in {quote(text)}"
        raise CharmUrlError(f"charm or bundle URL {detail}")
    return series, revision


def _parse_charmhub(url: GoUrl, juju: Juju) -> CharmUrl:
    text = url.text
    parts = (url.opaque or url.path).strip("/").split("/")
    if len(parts) > 3:
        raise CharmUrlError(f"charm or bundle URL {quote(text)} malformed")
    is_modern = juju >= Juju.V3_6
    if is_modern and parts[0].startswith("~"):
        raise CharmUrlError(
            f"charmhub charm or bundle URL with user name: {quote(text)} not valid"
        )
    architecture, series = _architecture_and_series(parts[:-1], juju)
    if is_modern and len(parts) == 3:
        _check_architecture(architecture, f"in URL {quote(text)}", juju)
    name, revision = _split_revision(parts[-1])
    _check_name(name, f"cannot parse name and/or revision in URL {quote(text)}")
    if architecture and not is_modern:
        _check_architecture(architecture, f"cannot parse architecture in URL {quote(text)}", juju)
    if series and juju < Juju.V4_0:
        context = "in URL" if is_modern else "cannot parse series in URL"
        _check_series(series, f"{context} {quote(text)}")
    return CharmUrl("ch", name, "", series, revision, architecture)


def _architecture_and_series(parts: list[str], juju: Juju) -> tuple[str, str]:
    """Return the architecture and the series that precede the name in a Charmhub URL."""
    if len(parts) == 2:
        return parts[0], parts[1]
    if not parts:
        return "", ""
    is_series = juju >= Juju.V3_6 and parts[0] not in _ARCHES
    return ("", parts[0]) if is_series else (parts[0], "")


def _check_user(user: str, text: str) -> None:
    if user and not USER.fullmatch(user):
        raise CharmUrlError(f"charm or bundle URL has invalid user name: {quote(text)}")


def _check_architecture(architecture: str, context: str, juju: Juju) -> None:
    is_valid = SERIES.fullmatch(architecture) and (juju < Juju.V3_6 or architecture in _ARCHES)
    if not is_valid:
        raise CharmUrlError(f"{context}: architecture name {quote(architecture)} not valid")


def _check_series(series: str, context: str) -> None:
    if not SERIES.fullmatch(series):
        raise CharmUrlError(f"{context}: series name {quote(series)} not valid")


def _check_name(name: str, context: str) -> None:
    if not NAME.fullmatch(name):
        raise CharmUrlError(f"{context}: name {quote(name)} not valid")


_TRAILING = re.compile(r"(.+)-([0-9]+)", re.ASCII | re.DOTALL)


def _split_revision(name: str) -> tuple[str, int]:
    match = _TRAILING.fullmatch(name)
    return (match.group(1), int(match.group(2)[:25])) if match else (name, -1)
