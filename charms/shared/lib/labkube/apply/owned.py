"""What on a cluster is an application's: its labels, and the objects that it applied.

What has no such labels is somebody else's. The labels alone do not make an object one that was
applied (`notes.was_applied`): controllers copy them.
"""

import copy
from typing import Dict, Iterable, List

from labkube.apply.last_applied import last_applied, was_applied
from labkube.client.api import Api, Object, UnknownKindError
from labkube.client.references import Kind, Ref, ref_of

APPLICATION = "app.lab-charms/application"
CHARM = "app.lab-charms/charm"


class Ours:
    """Tells an application's objects from those of others.

    Args:
        api: The cluster.
        application: What tells the application from others on the cluster.
        charm: Name of the charm.
        kinds: Every kind that any version of the charm makes.
    """

    def __init__(self, api: Api, application: str, charm: str, kinds: Iterable[Kind]) -> None:
        self._api = api
        self._labels = {APPLICATION: application, CHARM: charm}
        self._kinds = list(kinds)

    def labelled(self, found: Object) -> Object:
        """Return an object as it is wanted of this application."""
        result = copy.deepcopy(found)
        result.pop("status", None)  # the server's; generated definitions bring an empty one
        labels = result["metadata"].setdefault("labels", {})
        labels.update(self._labels)
        return result

    def owns(self, live: Object) -> bool:
        """Tell whether an object of the cluster has our labels."""
        labels = live.get("metadata", {}).get("labels") or {}
        return all(labels.get(key) == value for key, value in self._labels.items())

    def look(self, objects: Iterable[Object]) -> Dict[Ref, Object]:
        """Return those of these objects that are there and ours, by a list a kind."""
        wanted: Dict[Kind, List[Ref]] = {}
        for found in objects:
            wanted.setdefault((found["apiVersion"], found["kind"]), []).append(ref_of(found))
        seen: Dict[Ref, Object] = {}
        for (api_version, kind), refs in sorted(wanted.items()):
            # A kind may be wanted in several versions; each object is seen in its own.
            there = {ref_of(item): item for item in self._labelled_of(api_version, kind)}
            seen.update((ref, there[ref]) for ref in refs if ref in there)
        return seen

    def applied(self) -> List[Object]:
        """Return every object that we applied, each once."""
        return [_own_view(views) for views in self._views()]

    def beyond(self, keep: Iterable[Object]) -> List[Object]:
        """Return every object that we applied, but for these."""
        kept = {ref_of(found) for found in keep}
        return [
            _own_view(views)
            for views in self._views()
            if not any(ref_of(view) in kept for view in views)
        ]

    def _views(self) -> List[List[Object]]:
        """Return the objects that we applied, each in the views that the server has of it.

        Some kinds are served by two groups: Deployment up to 1.15, Ingress up to 1.21.
        """
        found: Dict[str, Dict[Ref, Object]] = {}
        for api_version, kind in self._kinds:
            for item in self._labelled_of(api_version, kind):
                if was_applied(item):
                    found.setdefault(item["metadata"]["uid"], {}).setdefault(ref_of(item), item)
        return [list(views.values()) for views in found.values()]

    def _labelled_of(self, api_version: str, kind: str) -> List[Object]:
        selector = ",".join("%s=%s" % pair for pair in sorted(self._labels.items()))
        try:
            return self._api.list(api_version, kind, selector)
        except UnknownKindError:
            return []


def _own_view(views: List[Object]) -> Object:
    """Return an object as the group shows it that it was applied in; else as any does."""
    for view in views:
        noted = last_applied(view)
        if noted is not None and ref_of(noted)[0] == ref_of(view)[0]:
            return view
    return views[0]
