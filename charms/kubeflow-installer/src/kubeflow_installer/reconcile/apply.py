"""Applies a release's objects: in stages, as far as the time goes, going on where it stopped."""

import time
from typing import Callable, List, Mapping, NamedTuple, Optional

from kubeflow_installer.reconcile import stages
from labkube.apply.objects import Applied, ForeignObjectError, Objects
from labkube.apply.references import Ref, name_of
from labkube.client.api import ApiError, Object

# The credentials, or the way to the server, are wrong for every object alike.
_FOR_ALL = (0, 401, 429)
Applying = NamedTuple(
    "Applying",
    [
        # Objects that are as wanted now, of how many.
        ("right", int),
        ("total", int),
        ("created", List[str]),
        ("changed", List[str]),
        # What the server did not take, and why; the next run tries again.
        ("refused", List[str]),
    ],
)


def is_done(found: Applying) -> bool:
    """Tell whether every object is as wanted."""
    return found.right == found.total


def apply(
    objects: Objects,
    wanted: List[Object],
    known: Mapping[Ref, Object],
    seconds: float,
    adopt: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Applying:
    """Bring the cluster nearer to what is wanted.

    An object that the server refuses (its webhook has no pod yet, its kind is not served yet) does
    not keep the others; it is tried again by the next run.

    Args:
        objects: Ours.
        wanted: What shall be there.
        known: What `Objects.look` has seen of it.
        seconds: How long this may go on; what is under way is finished.
        adopt: Whether objects of others are taken over.
        clock: Tells the time.

    Raises:
        ForeignObjectError: With all objects of others that are in the way; the rest is applied.
        ApiError: When the API is not reached, or refuses us.
    """
    end = clock() + seconds
    found = Applying(0, len(wanted), [], [], [])
    foreign: List[str] = []
    right = 0
    for _, stage in stages.stages(wanted):
        written: List[Object] = []
        for one in stage:
            if clock() > end:
                return found._replace(right=right)
            try:
                done = _apply(objects, one, known, adopt, found)
            except ForeignObjectError as error:
                foreign += error.names
                continue
            right += done is not None
            written += [one] if done and not done.same else []
        objects.settle(written)  # once for all: each definition takes the server a moment
    if foreign:
        raise ForeignObjectError(foreign)
    return found._replace(right=right)


def _apply(
    objects: Objects, one: Object, known: Mapping[Ref, Object], adopt: bool, found: Applying
) -> Optional[Applied]:
    """Apply an object, and note what was done; nothing is returned where it is refused."""
    try:
        done = objects.apply([one], adopt, prune=False, observed=known, wait_served=False)
    except ApiError as error:
        if error.status in _FOR_ALL:
            raise
        found.refused.append("%s: %s" % (name_of(one), error))
        return None
    found.created.extend(done.created)
    found.changed.extend(done.changed)
    return done
