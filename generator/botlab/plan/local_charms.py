"""The facts of the local charms of a bundle, read from the files that Juju will read."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from pathlib import Path

from ..bundle.charm_url import is_local_path
from ..bundle.model import Bundle
from ..catalogue.local_charms import charms_at
from ..catalogue.model import Charm


def with_local_charms(bundle: Bundle, charms: Mapping[str, Charm]) -> dict[str, Charm]:
    """Return facts of charms, with those of the local charms that exist as files.

    Args:
        bundle: The bundle.
        charms: Facts of the charms, by application name. A charm's own file replaces them.
    """
    paths = [
        (name, Path(os.path.normpath(os.path.join(bundle.directory, application.charm))))  # noqa: PTH118 - joined as Go's filepath.Join does
        for name, application in bundle.applications.items()
        if application is not None and is_local_path(application.charm)
    ]
    return {**charms, **charms_at(paths).charms}
