"""The contents of local charms, in the files of their archives and on the machines of the units.

No command of Juju prints the content of a charm or its digest. A unit has the files of its charm
in a directory of its agent, so that they can be compared with those of the archive.
"""

from __future__ import annotations

import functools
import hashlib
import re
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

from ...bundle.charm_url import is_local_path
from ...bundle.go_path import join_path
from ..errors import LiveError
from ..lab import Lab
from ..live_model import LiveModel
from ..parallel import call_all
from ..status.model import ModelStatus, UnitStatus
from ..time_limits import Deadline

_PARALLEL_CALLS = 4
# A command on a unit waits while hooks of the unit run.
_SECONDS = 60
# Enough to distinguish two versions of a charm, and short enough for a command.
_LARGEST_COUNT = 400
# Juju writes the revision itself. The libraries of a charm change only together with its code.
# Juju hands a command to a shell, and does not quote its words.
_PLAIN_NAME = re.compile(r"[\w./+@-]+", re.ASCII)
_NOT_COMPARED = ("revision", "venv/", "wheelhouse/", "hooks/")


def same_contents(
    live: LiveModel, status: ModelStatus, lab: Lab, deadline: Deadline
) -> dict[str, bool]:
    """Return whether applications have the local charms of a lab, as far as it can be known.

    Args:
        live: The model.
        status: The status of the model.
        lab: The lab.
        deadline: The end of the time that the user allowed.
    """
    archives = {
        name: Path(join_path(lab.bundle.directory, application.charm))
        for name, application in lab.applications.items()
        if is_local_path(application.charm) and name in status.applications
    }
    calls = [
        functools.partial(is_same_content, live, status, name, archive)
        for name, archive in archives.items()
    ]
    outcomes = call_all(calls, deadline, limit=_PARALLEL_CALLS)
    answers = {
        name: outcome.value() if outcome else None
        for name, outcome in zip(archives, outcomes, strict=True)
    }
    return {name: answer for name, answer in answers.items() if answer is not None}


def is_same_content(
    live: LiveModel, status: ModelStatus, application: str, archive: Path
) -> bool | None:
    """Return whether an application has the charm of an archive.

    Args:
        live: The model.
        status: The status of the model.
        application: The name of the application.
        archive: The charm's archive.

    Returns:
        None if it cannot be known: no unit is idle, or the archive cannot be read.
    """
    unit = _idle_unit(status, application)
    digests = archive_digests(archive)
    if unit is None or not digests:
        return None
    directory = f"/var/lib/juju/agents/unit-{unit.name.replace('/', '-')}/charm"
    paths = {f"{directory}/{name}": digest for name, digest in digests.items()}
    try:
        result = live.execute(unit.name, ["sha256sum", "--", *paths], seconds=_SECONDS)
    except LiveError:
        return None
    deployed = _digests(result.stdout)
    # sha256sum reports a missing file, and exits with status 1.
    return deployed == paths if deployed else None


def archive_digests(archive: Path) -> dict[str, str]:
    """Return the SHA-256 digests of the files of an archive; empty if it cannot be read."""
    try:
        with zipfile.ZipFile(archive) as members:
            names = sorted(info.filename for info in members.infolist() if _is_compared(info))
            return {
                name: hashlib.sha256(members.read(name)).hexdigest()
                for name in names[:_LARGEST_COUNT]
            }
    except (OSError, zipfile.BadZipFile, ValueError, RuntimeError):
        return {}


def _is_compared(member: zipfile.ZipInfo) -> bool:
    """Return whether to compare a member: a file, and no link, that only the archive decides."""
    name = member.filename
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    is_plain = _PLAIN_NAME.fullmatch(name) is not None and not is_link
    return is_plain and not name.startswith(_NOT_COMPARED) and not name.endswith(("/", ".pyc"))


def _idle_unit(status: ModelStatus, application: str) -> UnitStatus | None:
    units = (unit for unit in status.units.values() if unit.application == application)
    return next((unit for unit in units if unit.agent.current == "idle"), None)


def _digests(output: str) -> Mapping[str, str]:
    pairs = (line.partition("  ") for line in output.splitlines())
    return {path: digest for digest, _, path in pairs if path.startswith("/")}
