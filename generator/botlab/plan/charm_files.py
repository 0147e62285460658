"""What Juju's planner says about a local charm that it cannot read.

Sources: ``ReadCharm`` and ``ReadCharmArchive`` of the charm libraries, and ``getSeries`` and
``computeApplicationBase`` of the planners. They read a charm only if the bundle does not name its
platform.
"""

from __future__ import annotations

import os.path
import zipfile
from pathlib import Path

from ..bundle.go_text import quote
from ..catalogue.charm_files import ZIP_ERRORS
from ..juju import Juju
from ..text_files import is_regular_file

_METADATA = "metadata.yaml"


def unreadable_charm(path: str, juju: Juju) -> str:
    """Return Juju's message about a charm that it cannot read; empty when it can.

    Args:
        path: The absolute path of a charm that exists.
        juju: The Juju release. 2.6 takes the path for a URL then, and crashes with this message.
    """
    charm = Path(path)
    is_directory = os.path.isdir(path)  # noqa: PTH112 - accepts names of any length
    problem = _directory_problem(charm, juju) if is_directory else _archive_problem(charm)
    if problem and juju < Juju.V2_9:
        return f"charm or bundle URL has invalid form: {quote(path)}"
    return problem


def _directory_problem(charm: Path, juju: Juju) -> str:
    if juju >= Juju.V4_0:
        return f"read {charm}: is a directory"
    if os.path.exists(charm / _METADATA):  # noqa: PTH110 - accepts any directory
        return ""
    if juju < Juju.V3_6:
        return f"charm not found: {charm}"
    reason = f"open {charm / _METADATA}: no such file or directory"
    return f"reading {quote(_METADATA)} file: {reason}"


def _archive_problem(charm: Path) -> str:
    # The opening of a pipe would wait for a writer.
    if not is_regular_file(charm):
        return "zip: not a valid zip file"
    try:
        with zipfile.ZipFile(charm) as archive:
            has_metadata = _METADATA in archive.namelist()
    except ZIP_ERRORS:
        return "zip: not a valid zip file"
    return "" if has_metadata else f"archive file {quote(_METADATA)} not found"
