"""What lives against what is wanted: whether it has all of that, and what would bring it there."""

from typing import Any, Mapping

from labkube.client.api import Object


def covers(live: Any, wanted: Any) -> bool:
    """Tell whether what lives has everything that is wanted; more is the server's or others'.

    Empty mappings, lists and nulls are dropped by the server, so they are as good as absent. Lists
    are compared item by item: the server fills items in, but neither adds nor moves any.
    """
    if isinstance(wanted, Mapping):
        if not isinstance(live, Mapping):
            return not wanted and live is None
        return all(covers(live.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        if not wanted:
            return not live
        if not isinstance(live, list) or len(live) != len(wanted):
            return False
        return all(covers(one, other) for one, other in zip(live, wanted))
    if wanted is None or wanted == "":
        return live in (None, "")
    if isinstance(wanted, bool) and live is None:
        return not wanted
    return bool(live == wanted)


def merge_patch(before: Any, live: Mapping[str, Any], wanted: Mapping[str, Any]) -> Object:
    """Return the merge patch (RFC 7386) that brings a live object to what is wanted.

    What we once set and no longer do is removed; what others set stays.
    """
    patch: Object = {}
    earlier = before if isinstance(before, Mapping) else {}
    for key, value in wanted.items():
        there = live.get(key)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            inner = merge_patch(earlier.get(key), there, value)
            if inner:
                patch[key] = inner
        elif not covers(there, value):
            patch[key] = value
    for key in earlier:
        if key not in wanted and key in live:
            patch[key] = None
    return patch


def removals(patch: Mapping[str, Any]) -> Object:
    """Return the part of a merge patch that removes something."""
    inner = {
        key: removals(value) if isinstance(value, Mapping) else None
        for key, value in patch.items()
        if value is None or isinstance(value, Mapping)
    }
    return {key: value for key, value in inner.items() if value is None or value}
