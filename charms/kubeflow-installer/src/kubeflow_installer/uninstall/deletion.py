"""Deletes objects and waits until they are gone, or describes what blocks them."""

import time
from typing import Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence

from kubeflow_installer.uninstall import blockers
from kubeflow_installer.uninstall.owned_objects import Listing
from labcharm.json_types import JsonObject
from labkube.apply.kinds import in_apply_order
from labkube.client.api import Api, ApiError
from labkube.client.references import Kind, Ref, ref_of

Find = Callable[[Iterable[Kind]], Listing]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
# How many blocked objects are explained: each costs requests, and nobody reads more.
_MOST_EXPLAINED = 5


class Target(NamedTuple):
    """What is deleted.

    Attributes:
        kinds: The kinds of the objects.
        find: Returns the objects of some kinds that are to be deleted.
        recreated: Whether objects that are created again after their deletion are deleted too.
            A running controller may create them again and again.
    """

    kinds: List[Kind]
    find: Find
    recreated: bool = True


class Deletion:
    """Deletes objects from a cluster.

    Args:
        api: The cluster.
        kinds: Every kind of the server, to list what a namespace still contains.
        sleep: Waits; passed in by tests.
    """

    def __init__(self, api: Api, kinds: Sequence[Kind], sleep: Callable[[float], None]) -> None:
        self._api, self._kinds, self._sleep = api, kinds, sleep

    def delete(self, target: Target, end: float) -> List[str]:
        """Delete the target's objects repeatedly until none remains or the time is up.

        Only kinds that still have objects are listed again. Before it ends, all kinds are listed
        once more, since controllers may have created further objects.

        Args:
            target: What is deleted.
            end: How long it waits, by the monotonic clock.

        Returns:
            Which objects remain, and why.

        Raises:
            ApiError: When the API is not reached or refuses the credentials (status 0 and 401).
        """
        watched, pause = target.kinds, _FIRST_PAUSE
        first_uids: Dict[Ref, str] = {}
        while True:
            remaining = self._find(target, watched, first_uids)
            if not remaining.objects and not remaining.failures:
                if watched is target.kinds:
                    return []
                watched = target.kinds
                continue
            for live in remaining.objects:
                first_uids.setdefault(ref_of(live), _uid(live))
            refused = self._request_deletion(remaining.objects)
            if time.monotonic() >= end:
                return self._explain(self._find(target, target.kinds, first_uids), refused)
            self._sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            watched = _busy_kinds(remaining, target.kinds)

    def _find(self, target: Target, kinds: Iterable[Kind], first_uids: Dict[Ref, str]) -> Listing:
        """Return the objects to delete, without those that were created again."""
        listing = target.find(kinds)
        if target.recreated:
            return listing
        objects = [
            live
            for live in listing.objects
            if first_uids.get(ref_of(live), _uid(live)) == _uid(live)
        ]
        return listing._replace(objects=objects)

    def _request_deletion(self, objects: Iterable[JsonObject]) -> Dict[Ref, ApiError]:
        """Request each deletion that was not requested yet; return the refused ones."""
        refused = {}
        for live in reversed(in_apply_order(objects)):
            if live["metadata"].get("deletionTimestamp") or _is_deleted_by_owner(live):
                continue
            try:
                self._api.delete(live)
            except ApiError as error:
                if error.status in (0, 401):
                    raise
                refused[ref_of(live)] = error
                if error.is_temporary and not error.is_from_webhook:
                    break  # the request was retried already; further ones would fail too
        return refused

    def _explain(self, remaining: Listing, refused: Dict[Ref, ApiError]) -> List[str]:
        messages = dict.fromkeys(remaining.failures)  # each once, in their order
        waiting = sorted(remaining.objects, key=lambda live: ref_of(live) not in refused)
        for live in waiting[:_MOST_EXPLAINED]:
            messages.update(dict.fromkeys(self._reasons(live, refused.get(ref_of(live)))))
        more = len(waiting) - _MOST_EXPLAINED
        return list(messages) + ([f"{more} more objects wait"] if more > 0 else [])

    def _reasons(self, live: JsonObject, error: Optional[ApiError]) -> List[str]:
        if error:
            return [blockers.describe_refusal(self._api, live, error, self._kinds)]
        return blockers.describe_blockers(self._api, live, self._kinds)


def _busy_kinds(remaining: Listing, kinds: List[Kind]) -> List[Kind]:
    """Return the kinds that still have objects; all kinds if some could not be listed."""
    busy = {(live["apiVersion"], live["kind"]) for live in remaining.objects}
    return kinds if remaining.failures else [kind for kind in kinds if kind in busy]


def _uid(live: JsonObject) -> str:
    return str(live["metadata"].get("uid"))


def _is_deleted_by_owner(live: JsonObject) -> bool:
    """Return whether an object is a Profile's namespace, which is deleted with the Profile."""
    return live["kind"] == "Namespace" and bool(live["metadata"].get("ownerReferences"))
