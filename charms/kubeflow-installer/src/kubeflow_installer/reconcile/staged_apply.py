"""Applies a release's objects in stages, as far as the time allows; the next run continues."""

import time
from typing import Callable, List, Mapping, NamedTuple, Optional

from kubeflow_installer.reconcile import stages
from labcharm.json_types import JsonObject
from labkube.apply.objects import Applied, ForeignObjectError, Objects
from labkube.client.api import ApiError
from labkube.client.references import Ref, name_of

# The credentials or the connection are wrong, so every further request would fail too.
_FATAL = (0, 401, 429)


class Progress(NamedTuple):
    """How far the objects are applied.

    Attributes:
        applied: How many objects are as desired.
        total: How many objects there are.
        created: Names of the objects that this run created.
        changed: Names of the objects that this run changed.
        refused: Which objects the server refused, and why; the next run tries again.
    """

    applied: int
    total: int
    created: List[str]
    changed: List[str]
    refused: List[str]

    @property
    def is_complete(self) -> bool:
        """Whether every object is as desired."""
        return self.applied == self.total


def apply_in_stages(
    objects: Objects,
    desired: List[JsonObject],
    live: Mapping[Ref, JsonObject],
    seconds: float,
    adopt: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Progress:
    """Apply objects, stage by stage.

    An object that the server refuses (its webhook has no pod yet, its kind is not served yet) does
    not stop the others; the next run tries it again.

    Args:
        objects: The application's objects.
        desired: The objects to apply.
        live: The live objects that were listed already.
        seconds: The time limit; an object that is being applied is finished.
        adopt: Whether foreign objects are adopted.
        clock: Returns the time in seconds.

    Raises:
        ForeignObjectError: With all foreign objects of the same names; the others are applied.
        ApiError: When the API is not reached, or refuses the credentials.
    """
    end = clock() + seconds
    progress = Progress(0, len(desired), [], [], [])
    foreign: List[str] = []
    fix = ""
    applied = 0
    for _, stage in stages.stages(desired):
        written: List[JsonObject] = []
        for manifest in stage:
            if clock() > end:
                return progress._replace(applied=applied)
            try:
                outcome = _apply(objects, manifest, live, adopt, progress)
            except ForeignObjectError as error:
                foreign += error.names
                fix = error.fix
                continue
            applied += outcome is not None
            written += [manifest] if outcome and not outcome.same else []
        # Once for all definitions of the stage, because each takes the server a moment.
        objects.wait_until_served(written)
    if foreign:
        raise ForeignObjectError(foreign, fix)
    return progress._replace(applied=applied)


def _apply(
    objects: Objects,
    manifest: JsonObject,
    live: Mapping[Ref, JsonObject],
    adopt: bool,
    progress: Progress,
) -> Optional[Applied]:
    """Apply an object and record what was done; return None if the server refuses it."""
    try:
        outcome = objects.apply([manifest], adopt, prune=False, observed=live, wait_served=False)
    except ApiError as error:
        if error.status in _FATAL:
            raise
        progress.refused.append(f"{name_of(manifest)}: {error}")
        return None
    progress.created.extend(outcome.created)
    progress.changed.extend(outcome.changed)
    return outcome
