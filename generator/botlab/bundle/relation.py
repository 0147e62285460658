"""The ends of relations (juju/charm ``parseEndpoint``)."""

from __future__ import annotations

import re
from typing import NamedTuple

from .placement import APPLICATION

_RELATION = r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*"
_ENDPOINT = re.compile(rf"({APPLICATION})(?::({_RELATION}))?", re.ASCII)
APPLICATION_NAME = re.compile(APPLICATION, re.ASCII)
RELATION_NAME = re.compile(_RELATION, re.ASCII)


class RelationEnd(NamedTuple):
    """One end of a relation. The endpoint is empty where Juju must infer it."""

    application: str
    relation: str

    def __str__(self) -> str:
        return f"{self.application}:{self.relation}" if self.relation else self.application


def parse_relation_end(text: str) -> RelationEnd | None:
    """Parse ``application:endpoint`` or ``application``; None when it is neither."""
    match = _ENDPOINT.fullmatch(text)
    return RelationEnd(match.group(1), match.group(2) or "") if match else None
