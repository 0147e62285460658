"""The overlays that a site names: ``overlays`` of the site file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .assessment import is_site
from .errors import BotlabError
from .findings import Finding, KeyPath, lab_error
from .text_files import read_text


def own_overlays(directory: Path, overlays: Sequence[str]) -> tuple[list[Path], list[Finding]]:
    """Return the files of the overlays that can be read, and findings about the others.

    Args:
        directory: The directory of the site file.
        overlays: The overlays, as the site names them.
    """
    files: list[Path] = []
    findings: list[Finding] = []
    for index, overlay in enumerate(overlays):
        file = directory / overlay
        finding = _fault(file, ("overlays", index))
        if finding is None:
            files.append(file)
        else:
            findings.append(finding)
    return files, findings


def _fault(file: Path, key: KeyPath) -> Finding | None:
    """Return why a file cannot be an overlay; None when it can be one."""
    try:
        text = read_text(file)
    except BotlabError as error:
        fix = "write the path of a bundle overlay, relative to the site file"
        return lab_error("BL004", key, str(error), fix)
    if not is_site(text, str(file)):
        return None
    message = f"{file} is a site file, and not a bundle overlay"
    fix = "merge a site file with --layer, and name files that juju deploy --overlay accepts"
    return lab_error("BL004", key, message, fix)
