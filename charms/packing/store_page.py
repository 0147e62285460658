"""The lists of options and actions in a charm's README, which is the page that a store shows.

They come from the charm's charmcraft.yaml. The page has nothing beside it in a store, so it links
to no other page of the repository.
"""

import re
from typing import Any, Dict, Iterator, List

from defaults import shown_default

_SECTION = re.compile(r"^## (?P<title>Options|Actions)\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
# A sentence ends before a word that begins with a capital letter, or a quoted one. "e.g. x" and
# "v0.12.1" do not end it.
_SENTENCE_END = re.compile(r"\.(?= [A-Z`])|\.$")


def with_summaries(page: str, project: Dict[str, Any]) -> str:
    """Return a charm's README with its sections about options and actions made anew.

    Args:
        page: The README.
        project: The parsed charmcraft.yaml.
    """
    return _SECTION.sub(lambda section: _section(section["title"], project), page)


def _section(title: str, project: Dict[str, Any]) -> str:
    if title == "Options":
        lines = _options(project["name"], project["config"]["options"])
    else:
        lines = _actions(project["name"], project["actions"])
    return "\n".join([f"## {title}", "", *lines, "", ""])


def _options(charm: str, options: Dict[str, Any]) -> Iterator[str]:
    yield f"`juju config {charm}` prints every option in full."
    yield from ("", "| option | default | description |", "| --- | --- | --- |")
    for name, body in options.items():
        yield _row(f"`{name}`", shown_default(body), first_sentence(body["description"]))


def _actions(charm: str, actions: Dict[str, Any]) -> Iterator[str]:
    yield f"`juju show-action {charm} ACTION` prints an action in full, with its parameters."
    yield from ("", "| action | description |", "| --- | --- |")
    for name, body in actions.items():
        yield _row(f"`{name}`", first_sentence(body["description"]))


def _row(*cells: str) -> str:
    escaped: List[str] = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def first_sentence(text: str) -> str:
    """Return the first sentence of a description on one line, with its full stop."""
    line = " ".join(text.split())
    end = _SENTENCE_END.search(line)
    return line[: end.end()] if end else line
