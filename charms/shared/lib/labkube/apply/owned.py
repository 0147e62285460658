"""Which objects of a cluster belong to an application: its labels, and the objects it applied.

Objects without the labels are foreign. The labels alone do not show that an object was applied
(`last_applied.was_applied`), because controllers copy them.
"""

from typing import Collection, Dict, Iterable, List

from labcharm.json_types import JsonObject
from labkube.apply.last_applied import last_applied, was_applied
from labkube.client.api import Api, ApiError, UnknownKindError
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
        namespace: The namespace that all objects within namespaces are in; empty where there are
            several. Then no rights are needed in others.
    """

    def __init__(
        self,
        api: Api,
        application: str,
        charm: str,
        kinds: Iterable[Kind],
        namespace: str = "",
    ) -> None:
        self._api, self._namespace = api, namespace
        self._labels = {APPLICATION_LABEL: application, CHARM_LABEL: charm}
        self._kinds = list(kinds)

    def labelled(self, manifest: JsonObject) -> JsonObject:
        """Return an object with the application's labels, as it is applied; parts are shared."""
        metadata = manifest["metadata"]
        labels = dict(metadata.get("labels") or {}, **self._labels)
        labelled = dict(manifest, metadata=dict(metadata, labels=labels))
        labelled.pop("status", None)  # the server owns it; generated definitions have an empty one
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

    def read(self) -> "Snapshot":
        """Return the application's objects of all kinds, read with one list per kind."""
        live: List[JsonObject] = []
        served: Dict[str, Collection[str]] = {}
        for api_version, kind in self._kinds:
            if kind not in served.get(api_version, (kind,)):
                continue  # the first kind that the server lacks showed which ones it has
            try:
                live += self._listed(api_version, kind)
            except UnknownKindError as error:
                if error.served is not None:
                    served[api_version] = error.served
        return Snapshot(live)

    def _list(self, api_version: str, kind: str) -> List[JsonObject]:
        try:
            return self._listed(api_version, kind)
        except UnknownKindError:
            return []

    def _listed(self, api_version: str, kind: str) -> List[JsonObject]:
        try:
            return self._api.list(api_version, kind, self._selector(), self._namespace)
        except ApiError as error:
            if error.status != 403 or not self._has_lost_namespace():
                raise
            return []  # the rights there are deleted with the namespace

    def _has_lost_namespace(self) -> bool:
        if not self._namespace:
            return False
        metadata = {"name": self._namespace}
        live = self._api.get({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
        return live is None or "deletionTimestamp" in live["metadata"]

    def _selector(self) -> str:
        return ",".join(f"{key}={text}" for key, text in sorted(self._labels.items()))


class Snapshot:
    """The objects with an application's labels, as they were at one time.

    Args:
        live: The objects, in all views that the server has of each. Some kinds are in two API
            groups: Deployment up to 1.15, Ingress up to 1.21.
    """

    def __init__(self, live: Iterable[JsonObject]) -> None:
        self._live = list(live)

    def by_ref(self, desired: Iterable[JsonObject]) -> Dict[Ref, JsonObject]:
        """Return the objects by their references.

        Args:
            desired: The objects that they will be compared with. A kind may be served in several
                versions (RuntimeClass from 1.20 to 1.24); a live object is returned in the version
                of the desired one.
        """
        versions = {ref_of(manifest): manifest["apiVersion"] for manifest in desired}
        by_ref: Dict[Ref, JsonObject] = {}
        for live in self._live:
            ref = ref_of(live)
            if ref not in by_ref or live["apiVersion"] == versions.get(ref):
                by_ref[ref] = live
        return by_ref

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
        """Return the objects that were applied, each in all views that the server has of it."""
        views: Dict[str, Dict[Ref, JsonObject]] = {}
        for live in self._live:
            if was_applied(live):
                views.setdefault(live["metadata"]["uid"], {}).setdefault(ref_of(live), live)
        return [list(by_ref.values()) for by_ref in views.values()]


def _applied_view(views: List[JsonObject]) -> JsonObject:
    """Return an object in the API group that it was applied in; else in any group."""
    for view in views:
        applied = last_applied(view)
        if applied is not None and ref_of(applied)[0] == ref_of(view)[0]:
            return view
    return views[0]
