"""Deletes objects and waits until they are gone, or says what holds them."""

import time
from typing import Callable, Dict, Iterable, List, Sequence

from kubeflow_installer.uninstall import finalizers
from kubeflow_installer.uninstall.owned_objects import Found, Kind
from labkube.apply.kinds import in_order
from labkube.apply.references import Ref, ref_of
from labkube.client.api import Api, ApiError, Object

Find = Callable[[Iterable[Kind]], Found]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
# How many are explained: that costs requests, and nobody reads more.
_MOST = 5


class Clearing:
    """Clears a cluster of what is found.

    Args:
        api: The cluster.
        kinds: Every kind of the server, for what is left in a namespace.
        sleep: Waits; handed in for tests.
    """

    def __init__(self, api: Api, kinds: Sequence[Kind], sleep: Callable[[float], None]) -> None:
        self._api, self._kinds, self._sleep = api, kinds, sleep

    def clear(self, kinds: List[Kind], find: Find, end: float, remade: bool) -> List[str]:
        """Delete what is found, again and again, until nothing is or the time is over.

        Only kinds that still have something are asked; all of them once more before it is done,
        as controllers may have made others meanwhile.

        Args:
            kinds: What is looked for.
            find: Returns what shall go of some kinds.
            end: Until when it waits, by the monotonic clock.
            remade: Whether what is made anew after its deletion must go too. A controller that
                runs may make it again and again.

        Returns:
            What is left, and why.

        Raises:
            ApiError: When the API is not reached or refuses the credentials (status 0 and 401).
        """
        watched, pause = kinds, _FIRST_PAUSE
        first: Dict[Ref, str] = {}
        while True:
            found = _without(find(watched), {} if remade else first)
            if not found.objects and not found.troubles:
                if watched is kinds:
                    return []
                watched = kinds
                continue
            for one in found.objects:
                first.setdefault(ref_of(one), _uid(one))
            refused = self._delete(found.objects)
            if time.monotonic() >= end:
                return self._explained(_without(find(kinds), {} if remade else first), refused)
            self._sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            busy = {(one["apiVersion"], one["kind"]) for one in found.objects}
            watched = kinds if found.troubles else [kind for kind in kinds if kind in busy]

    def _delete(self, found: Iterable[Object]) -> Dict[Ref, ApiError]:
        """Ask for each deletion that is not asked for yet; return which are refused, and how."""
        refused = {}
        for one in reversed(in_order(found)):
            if one["metadata"].get("deletionTimestamp") or _follows(one):
                continue
            try:
                self._api.delete(one)
            except ApiError as error:
                if error.status in (0, 401):
                    raise
                refused[ref_of(one)] = error
                if error.passes and not error.by_webhook:
                    break  # it was tried for a while; the others would fare alike
        return refused

    def _explained(self, found: Found, refused: Dict[Ref, ApiError]) -> List[str]:
        told = dict.fromkeys(found.troubles)
        waiting = sorted(found.objects, key=lambda one: ref_of(one) not in refused)
        for one in waiting[:_MOST]:
            error = refused.get(ref_of(one))
            if error:
                told[finalizers.refusal(self._api, one, error, self._kinds)] = None
            else:
                told.update(dict.fromkeys(finalizers.holding(self._api, one, self._kinds)))
        more = len(waiting) - _MOST
        return list(told) + (["%d more objects wait" % more] if more > 0 else [])


def _without(found: Found, first: Dict[Ref, str]) -> Found:
    """Leave out what bears a name that was deleted, and is another object."""
    objects = [one for one in found.objects if first.get(ref_of(one), _uid(one)) == _uid(one)]
    return found._replace(objects=objects)


def _uid(found: Object) -> str:
    return str(found["metadata"].get("uid"))


def _follows(found: Object) -> bool:
    """Tell whether it is a Profile's namespace, which goes by its owner."""
    return found["kind"] == "Namespace" and bool(found["metadata"].get("ownerReferences"))
