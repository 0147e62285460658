"""The notes of a release, from its section of CHANGELOG.md."""

from __future__ import annotations

import re

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
# Links to pages of the repository, which are not beside the notes.
_LOCAL_LINK = re.compile(r"\[([^\]]+)\]\((?!https?://)([^)]+)\)")
UNRELEASED = "Unreleased"
_FILES = """\
## Files

- `botlab-{version}-py3-none-any.whl`: the command `botlab` with the archives of its charms.
  Install it with `pipx install`.
- `botlab-{version}.tar.gz`: the source that the wheel is built from.
- `NAME_BASES_ARCH.charm`: a charm for some Ubuntu releases and one architecture.
  `botlab charms DIR` writes the same files.
- `FILE.cdx.json`: what FILE contains and needs, as a CycloneDX SBOM.
- `SHA256SUMS`: the digests of all other files. Check them with `sha256sum -c SHA256SUMS`.
"""


class NotesError(Exception):
    """A CHANGELOG.md that does not fit the version."""


def release_notes(changelog: str, version: str) -> str:
    """Return the notes of a version as Markdown.

    Args:
        changelog: The text of CHANGELOG.md.
        version: The version. If the newest section is `Unreleased`, this is a build between two
            releases, and the notes say so.

    Raises:
        NotesError: When the newest section is that of another version.
    """
    title, section = _newest_section(changelog)
    if title == UNRELEASED:
        heading = f"# botlab {version} with changes that are not released"
    elif is_released(changelog, version):
        heading = f"# botlab {version}"
    else:
        raise NotesError(
            f"CHANGELOG.md: the newest section is {title}, and the version is {version}; correct"
            " the heading or generator/botlab/__init__.py"
        )
    text = _LOCAL_LINK.sub(r"\1 (\2)", section)
    return f"{heading}\n\n{text}\n\n{_FILES.format(version=version)}"


def is_released(changelog: str, version: str) -> bool:
    """Return whether the newest section of CHANGELOG.md is that of a version."""
    return _newest_section(changelog)[0].split()[0] == version


def _newest_section(changelog: str) -> tuple[str, str]:
    """Return the title and the text of the first section that is not empty."""
    headings = list(_SECTION.finditer(changelog))
    for number, heading in enumerate(headings, start=1):
        end = headings[number].start() if number < len(headings) else len(changelog)
        text = changelog[heading.end() : end].strip()
        if text:
            return heading[1].strip(), text
    raise NotesError("CHANGELOG.md: has no section with text that begins with `## `")
