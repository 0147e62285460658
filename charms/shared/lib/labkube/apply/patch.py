"""Comparison of a live object with its desired state, and the patch that leads to it."""

from typing import List, Mapping

from labcharm.json_types import JsonMapping, JsonObject, JsonValue


def covers(live: JsonValue, desired: JsonValue) -> bool:
    """Return whether a live value has everything of the desired one; it may have more.

    What a live object has beyond the desired state belongs to the server or to others. The server
    drops empty mappings, lists and nulls, so they count as absent. Lists are compared entry by
    entry: the server fills entries in, but neither adds nor moves any.
    """
    if isinstance(desired, dict):  # typing's Mapping is slow to test, and this runs often
        if not isinstance(live, dict):
            return not desired and live is None
        return all(covers(live.get(key), entry) for key, entry in desired.items())
    if isinstance(desired, list):
        return _covers_list(live, desired)
    if desired is None or desired == "":
        return live in (None, "")
    if isinstance(desired, bool) and live is None:
        return not desired
    return bool(live == desired)


def _covers_list(live: JsonValue, desired: List[JsonValue]) -> bool:
    if not desired:
        return not live
    if not isinstance(live, list) or len(live) != len(desired):
        return False
    return all(covers(*entries) for entries in zip(live, desired))


def merge_patch(applied: JsonValue, live: JsonMapping, desired: JsonMapping) -> JsonObject:
    """Return the merge patch (RFC 7386) that leads from a live object to its desired state.

    What was applied before and is no longer desired is removed; what others set stays.

    Args:
        applied: What was applied last; None where that is not known.
        live: The live object, or a mapping within it.
        desired: The desired state of the same.
    """
    patch: JsonObject = {}
    before = applied if isinstance(applied, Mapping) else {}
    for key, entry in desired.items():
        current = live.get(key)
        if isinstance(entry, Mapping) and isinstance(current, Mapping):
            inner = merge_patch(before.get(key), current, entry)
            if inner:
                patch[key] = inner
        elif not covers(current, entry):
            patch[key] = entry
    for key in before:
        if key not in desired and key in live:
            patch[key] = None
    return patch


def removals(patch: JsonMapping) -> JsonObject:
    """Return the part of a merge patch that removes something."""
    inner = {
        key: removals(entry) if isinstance(entry, Mapping) else None
        for key, entry in patch.items()
        if entry is None or isinstance(entry, Mapping)
    }
    return {key: entry for key, entry in inner.items() if entry is None or entry}
