"""The files that Juju reads from an archive, made from a charm's charmcraft.yaml.

Juju, and ops 1.5 in the archives for Ubuntu 18.04 and 20.04, read metadata.yaml, config.yaml and
actions.yaml. charmcraft writes the same files when it packs (charmcraft/models/metadata.py).

The packer needs nothing but the standard library, so charmcraft.yaml is not parsed. It is divided
at its top-level keys, and the text below a key keeps its comments and its form.
"""

import os
import re
import textwrap
from typing import Dict, Iterable, List

CHARMCRAFT = "charmcraft.yaml"
# A top-level key is the only text that begins at the start of a line, except for comments and the
# entries of sequences.
_KEY = re.compile(r"([a-z][a-z-]*):")
# These keys are for charmcraft alone, or are written to files of their own.
_NO_METADATA = ("type", "platforms", "parts", "config", "actions")
# The names in metadata.yaml of the keys below `links`; the others have the same name there.
_LINKS = {"documentation": "docs", "contact": "maintainers"}


def read_project(charm: str) -> Dict[str, str]:
    """Return the sections of a charm's charmcraft.yaml by their keys, in the file's order.

    Args:
        charm: The charm's directory.
    """
    with open(os.path.join(charm, CHARMCRAFT), encoding="utf-8") as file:
        return _sections(file)


def _sections(lines: Iterable[str]) -> Dict[str, str]:
    """Return the text of each section. A comment at the start of a line belongs to no section."""
    sections: Dict[str, List[str]] = {}
    current: List[str] = []
    for line in lines:
        match = _KEY.match(line)
        if match:
            current = sections.setdefault(match.group(1), [])
        if not line.startswith("#"):
            current.append(line)
    return {key: "".join(section) for key, section in sections.items()}


def _below(section: str) -> str:
    """Return the text below the key of a section, without its indentation."""
    return textwrap.dedent(section.partition("\n")[2])


def juju_files(project: Dict[str, str], *, series: str = "") -> Dict[str, str]:
    """Return the content of metadata.yaml, config.yaml and actions.yaml, by file name.

    Args:
        project: The sections of charmcraft.yaml.
        series: The Ubuntu releases for `series`, separated by commas. It takes the place of
            `assumes`, because Juju refuses a charm that has both.
    """
    sections = {key: text for key, text in project.items() if key not in _NO_METADATA}
    if series:
        sections["assumes"] = f"series: [{series}]\n"
    files = {"metadata.yaml": "".join(map(_metadata, sections, sections.values()))}
    for key in ("config", "actions"):
        if key in project:
            files[key + ".yaml"] = _below(project[key])
    return files


def _metadata(key: str, section: str) -> str:
    """Return the lines of metadata.yaml for a section of charmcraft.yaml."""
    if key == "title":
        return "display-name" + section[len(key) :]
    if key != "links":
        return section
    links = _sections(_below(section).splitlines(keepends=True))
    return "".join(_link(*text.split(": ", 1)) for text in links.values())


def _link(key: str, value: str) -> str:
    """Return a link of metadata.yaml. `maintainers` is a sequence there, `contact` a text."""
    line = f"{_LINKS.get(key, key)}: "
    return line + (f"[{value.strip()}]\n" if key == "contact" else value)
