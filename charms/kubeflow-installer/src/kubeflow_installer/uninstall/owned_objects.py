"""The objects of a cluster that belong to an installation and are deleted with it."""

from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

from labcharm.json_types import JsonObject
from labkube.apply.objects import Objects
from labkube.apply.owned import APPLICATION_LABEL, CHARM_LABEL
from labkube.client.api import Api, ApiError, UnknownKindError
from labkube.client.references import Kind, Ref, api_group, ref_of

# The server creates these itself; no cluster is without them.
_BUILT_IN = ("default", "kube-system", "kube-public", "kube-node-lease")
# Deleting one of these deletes whatever others put into it.
CONTAINERS = ("Namespace", "CustomResourceDefinition")
_PROFILE = ("kubeflow.org", "Profile")
# Istio creates these objects in every namespace, foreign ones too: citadel (up to 1.5) a Secret
# for each service account, istiod a ConfigMap. Each row: kind, the name by which an inventory
# mentions it, path and field selector that list it.
_IN_EVERY_NAMESPACE = (
    ("Secret", "istio.default", "/api/v1/secrets", "type=istio.io/key-and-cert"),
    (
        "ConfigMap", "istio-ca-root-cert", "/api/v1/configmaps",
        "metadata.name=istio-ca-root-cert",
    ),
)  # fmt: skip


class Listing(NamedTuple):
    """Objects of some kinds, and messages about kinds that could not be listed."""

    objects: List[JsonObject]
    failures: List[str]

    def complete(self) -> List[JsonObject]:
        """Return the objects, for callers that need all of them.

        Raises:
            ApiError: When a kind could not be listed.
        """
        if self.failures:
            raise ApiError(500, "Incomplete", "; ".join(self.failures))
        return self.objects

    def extend(self, listing: "Listing") -> None:
        """Add another listing to this one."""
        self.objects.extend(listing.objects)
        self.failures.extend(listing.failures)


class InstallationObjects:
    """The objects of an installation at the time when this instance is created.

    They are: objects with the application's labels; objects that the workloads create at run time
    and that the inventory names; all objects of the installation's definitions, whoever created
    them; and the namespaces of Profiles. Objects that are older than the stored state do not
    belong to the installation if they have a run-time name, or are a namespace or a definition
    that was adopted, since deleting those would delete foreign objects.

    Args:
        api: The cluster.
        objects: The application's objects, by their labels.
        at_run_time: What workloads create: apiVersion, kind, namespace, name.
        state: The object that stores the state (apiVersion, kind, namespace and name are read).
            It is not deleted.

    Raises:
        ApiError: When discovery fails, or the stored state cannot be read.
    """

    def __init__(
        self,
        api: Api,
        objects: Objects,
        at_run_time: Iterable[Tuple[str, str, str, str]],
        state: Optional[JsonObject] = None,
    ) -> None:
        self._api, self._objects = api, objects
        self._state = ref_of(state) if state else None
        self.kinds: List[Kind] = api.kinds()
        live_state = api.get(state) if state else None
        owned = [live_state] if live_state else objects.owned()
        self._since = min([_creation_time(live) for live in owned] or [""])
        self._selector = _label_selector(owned)
        # Without any owned object there were no workloads, so objects with these names are
        # foreign.
        self._at_run_time = self._served(at_run_time if owned else ())

    def _served(self, entries: Iterable[Tuple[str, str, str, str]]) -> Dict[Ref, JsonObject]:
        """Return references to these objects in the API versions that this server has."""
        versions = {(api_group(version), kind): version for version, kind in self.kinds}
        references = {}
        for api_version, kind, namespace, name in entries:
            version = versions.get((api_group(api_version), kind))
            if version:
                metadata = {"namespace": namespace, "name": name}
                reference = {"apiVersion": version, "kind": kind, "metadata": metadata}
                references[ref_of(reference)] = reference
        return references

    def refresh_kinds(self) -> None:
        """Read again which kinds the server has."""
        self.kinds = self._api.kinds()

    def kinds_named(self, *names: str) -> List[Kind]:
        """Return the kinds of these names, in the server's versions."""
        return [kind for kind in self.kinds if kind[1] in names]

    def labelled(self, kinds: Iterable[Kind]) -> Listing:
        """Return the objects with the application's labels, except the stored state.

        Objects that an uninstall keeps are among them.
        """
        listing = Listing([], [])
        for kind in kinds if self._selector else []:
            listing.extend(self._list(kind, self._selector))
        objects = [live for live in listing.objects if not self._is_state(live)]
        return listing._replace(objects=objects)

    def deletable(self, kinds: Iterable[Kind]) -> Listing:
        """Return the objects of these kinds that an uninstall deletes, each object once."""
        selected = list(kinds)
        listing = self.labelled(selected)
        named = [ref for ref in self._at_run_time.values() if _kind_of(ref) in selected]
        objects = listing.objects + [live for live in map(self._api.get, named) if live]
        objects += [live for kind in selected for live in self._in_every_namespace(kind)]
        # Some kinds are in two API groups, which list the same object.
        by_uid = {live["metadata"].get("uid"): live for live in objects if self._is_deleted(live)}
        return listing._replace(objects=list(by_uid.values()))

    def _in_every_namespace(self, kind: Kind) -> List[JsonObject]:
        """Return the objects that workloads create in every namespace."""
        mentioned = {(ref["kind"], ref["metadata"]["name"]) for ref in self._at_run_time.values()}
        return [
            dict(entry, apiVersion="v1", kind=name)
            for name, example, path, selector in _IN_EVERY_NAMESPACE
            if kind == ("v1", name) and (name, example) in mentioned
            for entry in self._api.request("GET", path, query={"fieldSelector": selector})["items"]
        ]

    def adopted_containers(self) -> List[JsonObject]:
        """Return the adopted namespaces and definitions, which an uninstall keeps."""
        labelled = self.labelled(self.kinds_named(*CONTAINERS)).complete()
        return [live for live in labelled if self._is_older(live)]

    def _is_deleted(self, live: JsonObject) -> bool:
        kind, name = live["kind"], live["metadata"]["name"]
        if kind == "Namespace" and name in _BUILT_IN:
            return False
        if self._objects.owns(live):
            return kind not in CONTAINERS or not self._is_older(live)
        return not self._is_older(live)  # an object that was created at run time

    def _is_state(self, live: JsonObject) -> bool:
        return self._state is not None and ref_of(live) == self._state

    def _is_older(self, live: JsonObject) -> bool:
        """Return whether an object is older than the installation; the server sets both times."""
        return str(live["metadata"].get("creationTimestamp", "")) < self._since

    def _list(self, kind: Kind, selector: str = "") -> Listing:
        try:
            return Listing(self._api.list(kind[0], kind[1], selector), [])
        except UnknownKindError:
            return Listing([], [])
        except ApiError as error:
            if error.status in (0, 401):
                raise
            return Listing([], [f"{kind[1]} of {kind[0]} cannot be listed: {error}"])

    # Custom resources.

    def defined_kinds(self) -> Dict[Kind, bool]:
        """Return the kinds of the installation's definitions.

        Each kind is in the version that its objects are stored in: in that version they are
        listed without the conversion webhook, which may no longer run.

        Returns:
            For each kind whether all of its objects are deleted. Of a definition that is kept,
            only the objects with the application's labels are deleted.

        Raises:
            ApiError: When the definitions cannot be listed.
        """
        definitions = self.kinds_named("CustomResourceDefinition")
        kinds = {storage_kind(live): False for live in self.labelled(definitions).complete()}
        deleted = self.deletable(definitions).complete()
        kinds.update((storage_kind(live), True) for live in deleted)
        return kinds

    def custom_resources(self, kinds: Iterable[Kind], defined: Dict[Kind, bool]) -> Listing:
        """Return the custom resources of these kinds that an uninstall deletes."""
        listing = Listing([], [])
        for kind in kinds:
            listing.extend(self._list(kind) if defined[kind] else self.labelled([kind]))
        return listing

    def profile_kinds(self, defined: Dict[Kind, bool]) -> Dict[Kind, bool]:
        """Return those of the defined kinds that are Profiles."""
        return {
            kind: entire
            for kind, entire in defined.items()
            if (api_group(kind[0]), kind[1]) == _PROFILE
        }

    def profile_namespaces(self, defined: Dict[Kind, bool]) -> List[JsonObject]:
        """Return the namespaces whose Profile is deleted; they are deleted with it."""
        entire = any(self.profile_kinds(defined).values())
        return [
            namespace
            for namespace in self._api.list("v1", "Namespace")
            for owner in namespace["metadata"].get("ownerReferences") or []
            if (api_group(owner["apiVersion"]), owner["kind"]) == _PROFILE
            and (entire or self._is_labelled(owner))
        ]

    def _is_labelled(self, owner: JsonObject) -> bool:
        live = self._api.get(dict(owner, metadata={"name": owner["name"]}))
        return live is not None and self._objects.owns(live)


def storage_kind(definition: JsonObject) -> Kind:
    """Return a definition's kind in the version that its objects are stored in, if served."""
    spec = definition["spec"]
    versions = [version for version in spec.get("versions") or [] if version.get("served")]
    storage = [version["name"] for version in versions if version.get("storage")]
    # A definition in the first form of the API names a single version outside of the list.
    names = storage or [version["name"] for version in versions] or [spec.get("version", "")]
    return (f"{spec['group']}/{names[0]}", spec["names"]["kind"])


def _label_selector(owned: List[JsonObject]) -> str:
    """Return a selector for the labels that an owned object has; empty if there is no object."""
    if not owned:
        return ""
    labels = owned[0]["metadata"].get("labels") or {}
    return ",".join(f"{key}={labels.get(key, '')}" for key in (APPLICATION_LABEL, CHARM_LABEL))


def _creation_time(live: JsonObject) -> str:
    return str(live["metadata"].get("creationTimestamp"))


def _kind_of(reference: JsonObject) -> Kind:
    return (reference["apiVersion"], reference["kind"])
