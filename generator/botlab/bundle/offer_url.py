"""URLs of offers, as Juju's client parses them (juju/charm offerurl.go)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..juju import Juju
from .charm_url import USER
from .relation import APPLICATION_NAME

# The expression is not anchored in Go. What it does not match stays in the parts.
_REST = r"(?P<model>[^.]*)(\.(?P<application>[^:]*(:.*)?))?"
_PARTS = re.compile(rf"/?((?P<user>[^/]+)/)?{_REST}", re.ASCII)
# Without a further slash there is no user, and no need to look for one in the rest of the text.
_PARTS_WITHOUT_USER = re.compile(rf"/?(?P<user>(?!))?{_REST}", re.ASCII)
_ENDPOINT = re.compile(r"[a-zA-Z0-9]+", re.ASCII)
# From 4.0 on, the endpoint has the grammar of a relation.
_ENDPOINT_4_0 = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*", re.ASCII)
# juju/names IsValidModelName
_MODEL = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)


def is_offer_url(text: str, juju: Juju) -> bool:
    """Return whether Juju accepts a text as the URL of an offer."""
    rest = _without_source(text, juju)
    if text.startswith(":"):
        return False
    user, model, application = (_part(rest, name) for name in ("user", "model", "application"))
    if "/" in model or "/" in application or not model or not application:
        return False
    # Juju 4.0 leaves the check of the owner to the controller.
    is_user_valid = juju >= Juju.V4_0 or not user or USER.fullmatch(user)
    name = application.split(":")[0]
    is_name_valid = APPLICATION_NAME.fullmatch(name) or (not name and juju < Juju.V4_0)
    return bool(is_user_valid and _MODEL.fullmatch(model) and is_name_valid)


def _without_source(text: str, juju: Juju) -> str:
    """Return a URL without the controller that it may start with."""
    parts = text.split(":")
    if len(parts) == 3:
        return f"{parts[1]}:{parts[2]}"
    endpoint = _ENDPOINT if juju < Juju.V4_0 else _ENDPOINT_4_0
    if len(parts) == 2 and not endpoint.fullmatch(parts[1]):
        return parts[1]
    return text


def _part(text: str, name: str) -> str:
    """Return a part of a URL as Go's ReplaceAllString with ``$name`` does."""
    return "".join(match.group(name) or "" for match in _matches(text))


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of the expression. They follow each other without a gap."""
    last_slash, position = text.rfind("/"), 0
    while position < len(text):
        pattern = _PARTS if position < last_slash else _PARTS_WITHOUT_USER
        match = pattern.match(text, position)
        if match is None or match.end() == position:
            return
        yield match
        position = match.end()
