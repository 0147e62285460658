"""Which objects of a cluster belong to an application: its labels, and the objects it applied.

Objects without the labels are foreign. The labels alone do not show that an object was applied
(`last_applied.was_applied`), because controllers copy them.
"""

import copy
from typing import Dict, Iterable, List

from labcharm.json_types import JsonObject
from labkube.apply.last_applied import last_applied, was_applied
from labkube.client.api import Api, UnknownKindError
from labkube.client.references import Kind, Ref, ref_of

APPLICATION_LABEL = "app.lab-charms/application"
CHARM_LABEL = "app.lab-charms/charm"


class OwnedObjects:
    """The objects that an application owns on a cluster.

    Args:
        api: The cluster.
        application: A name that is unique among the applications on the cluster.
        charm: Name of the charm.
        kinds: Every kind that any version of the charm applies.
    """

    def __init__(self, api: Api, application: str, charm: str, kinds: Iterable[Kind]) -> None:
        self._api = api
        self._labels = {APPLICATION_LABEL: application, CHARM_LABEL: charm}
        self._kinds = list(kinds)

    def labelled(self, manifest: JsonObject) -> JsonObject:
        """Return a copy of an object with the application's labels, as it is applied."""
        labelled = copy.deepcopy(manifest)
        labelled.pop("status", None)  # the server owns it; generated definitions have an empty one
        labels = labelled["metadata"].setdefault("labels", {})
        labels.update(self._labels)
        return labelled

    def owns(self, live: JsonObject) -> bool:
        """Return whether a live object has the application's labels."""
        labels = live.get("metadata", {}).get("labels") or {}
        return all(labels.get(key) == text for key, text in self._labels.items())

    def observe(self, objects: Iterable[JsonObject]) -> Dict[Ref, JsonObject]:
        """Return the given objects that exist and are owned, read with one list per kind."""
        refs_by_kind: Dict[Kind, List[Ref]] = {}
        for manifest in objects:
            kind = (manifest["apiVersion"], manifest["kind"])
            refs_by_kind.setdefault(kind, []).append(ref_of(manifest))
        observed: Dict[Ref, JsonObject] = {}
        for (api_version, kind_name), refs in sorted(refs_by_kind.items()):
            # One kind may be used in several versions; each object is read in its own.
            live = {ref_of(entry): entry for entry in self._list(api_version, kind_name)}
            observed.update((ref, live[ref]) for ref in refs if ref in live)
        return observed

    def applied(self) -> List[JsonObject]:
        """Return every object that the application applied, each once."""
        return [_applied_view(views) for views in self._views()]

    def not_among(self, keep: Iterable[JsonObject]) -> List[JsonObject]:
        """Return every object that the application applied, except these."""
        kept = {ref_of(manifest) for manifest in keep}
        return [
            _applied_view(views)
            for views in self._views()
            if not any(ref_of(view) in kept for view in views)
        ]

    def _views(self) -> List[List[JsonObject]]:
        """Return the objects that were applied, each in all views that the server has of it.

        Some kinds are in two API groups: Deployment up to 1.15, Ingress up to 1.21.
        """
        views: Dict[str, Dict[Ref, JsonObject]] = {}
        for api_version, kind in self._kinds:
            for live in self._list(api_version, kind):
                if was_applied(live):
                    views.setdefault(live["metadata"]["uid"], {}).setdefault(ref_of(live), live)
        return [list(by_ref.values()) for by_ref in views.values()]

    def _list(self, api_version: str, kind: str) -> List[JsonObject]:
        selector = ",".join(f"{key}={text}" for key, text in sorted(self._labels.items()))
        try:
            return self._api.list(api_version, kind, selector)
        except UnknownKindError:
            return []


def _applied_view(views: List[JsonObject]) -> JsonObject:
    """Return an object in the API group that it was applied in; else in any group."""
    for view in views:
        applied = last_applied(view)
        if applied is not None and ref_of(applied)[0] == ref_of(view)[0]:
            return view
    return views[0]
