"""Which objects of a cluster belong to an installation, and go with it."""

from typing import Dict, Iterable, List, NamedTuple, Optional, Tuple

from labkube.apply.objects import Objects
from labkube.apply.owned import APPLICATION, CHARM
from labkube.apply.references import Ref, ref_of
from labkube.client.api import Api, ApiError, Object, UnknownKindError

Kind = Tuple[str, str]
# Objects of some kinds, and what could not be listed, and why.
Found = NamedTuple("Found", [("objects", List[Object]), ("troubles", List[str])])

# The server makes these itself; there is no cluster without them.
_BUILT_IN = ("default", "kube-system", "kube-public", "kube-node-lease")
# With these goes what others put into them.
CONTAINERS = ("Namespace", "CustomResourceDefinition")
_PROFILE = ("kubeflow.org", "Profile")
# What Istio makes in every namespace, others' too: citadel (up to 1.5) a Secret for each service
# account, istiod a ConfigMap. How it is listed, and by which of its names an inventory tells it.
_EVERYWHERE = (
    ("Secret", "istio.default", "/api/v1/secrets", "type=istio.io/key-and-cert"),
    (
        "ConfigMap", "istio-ca-root-cert", "/api/v1/configmaps",
        "metadata.name=istio-ca-root-cert",
    ),
)  # fmt: skip


class Belongings:
    """What an installation has on a cluster, as it is when this is made.

    Ours is what carries our labels; what workloads make of themselves and the inventory names; the
    objects of our definitions, whoever made them; and the namespaces of Profiles. What was there
    before the installation's record is not ours: neither what has a run-time name, nor a namespace
    or a definition that was taken over, with which things of others would go.

    Args:
        api: The cluster.
        objects: Ours, by their labels.
        at_run_time: What workloads make: apiVersion, kind, namespace, name.
        state: The record: kind, apiVersion, namespace and name. It does not go.

    Raises:
        ApiError: When discovery fails, or the record cannot be read.
    """

    def __init__(
        self,
        api: Api,
        objects: Objects,
        at_run_time: Iterable[Tuple[str, str, str, str]],
        state: Optional[Object] = None,
    ) -> None:
        self._api, self._objects = api, objects
        self._state = ref_of(state) if state else None
        self.kinds: List[Kind] = api.kinds()
        live = api.get(state) if state else None
        ours = [live] if live else objects.owned()
        self._since = min([str(one["metadata"].get("creationTimestamp")) for one in ours] or [""])
        self._selector = _selector(ours)
        # Where nothing is ours, what has such a name is no workload's of ours.
        self._at_run_time = self._served(at_run_time if ours else ())

    def _served(self, entries: Iterable[Tuple[str, str, str, str]]) -> Dict[Ref, Object]:
        """Return what finds these objects, in the versions that this server has."""
        versions = {(_group(version), kind): version for version, kind in self.kinds}
        found = {}
        for api_version, kind, namespace, name in entries:
            version = versions.get((_group(api_version), kind))
            if version:
                metadata = {"namespace": namespace, "name": name}
                sought = {"apiVersion": version, "kind": kind, "metadata": metadata}
                found[ref_of(sought)] = sought
        return found

    def look_again(self) -> None:
        """Learn anew which kinds the server has."""
        self.kinds = self._api.kinds()

    def of_kinds(self, *names: str) -> List[Kind]:
        """Return the kinds of these names, in the server's versions."""
        return [kind for kind in self.kinds if kind[1] in names]

    def labelled(self, kinds: Iterable[Kind]) -> Found:
        """Return what carries our labels and is no record; also what does not go."""
        found = Found([], [])
        for kind in kinds if self._selector else []:
            _add(found, self._listed(kind, self._selector))
        return found._replace(objects=[one for one in found.objects if not self._is_state(one)])

    def going(self, kinds: Iterable[Kind]) -> Found:
        """Return what goes of these kinds, each object once."""
        watched = list(kinds)
        found = self.labelled(watched)
        named = [one for one in self._at_run_time.values() if _kind(one) in watched]
        there = found.objects + [live for live in map(self._api.get, named) if live]
        there += [one for kind in watched for one in self._everywhere(kind)]
        # Some kinds are served by two groups; the object is the same.
        once = {one["metadata"].get("uid"): one for one in there if self._goes(one)}
        return found._replace(objects=list(once.values()))

    def _everywhere(self, kind: Kind) -> List[Object]:
        """Return what is made at run time in every namespace."""
        known = {(one["kind"], one["metadata"]["name"]) for one in self._at_run_time.values()}
        return [
            dict(item, apiVersion="v1", kind=name)
            for name, example, path, selector in _EVERYWHERE
            if kind == ("v1", name) and (name, example) in known
            for item in self._api.request("GET", path, query={"fieldSelector": selector})["items"]
        ]

    def stay(self) -> List[Object]:
        """Return the namespaces and definitions that were taken over."""
        labelled = sure(self.labelled(self.of_kinds(*CONTAINERS)))
        return [one for one in labelled if self._is_older(one)]

    def _goes(self, found: Object) -> bool:
        kind, name = found["kind"], found["metadata"]["name"]
        if kind == "Namespace" and name in _BUILT_IN:
            return False
        if self._objects.owns(found):
            return kind not in CONTAINERS or not self._is_older(found)
        return not self._is_older(found)  # of those that are made at run time

    def _is_state(self, found: Object) -> bool:
        return self._state is not None and ref_of(found) == self._state

    def _is_older(self, found: Object) -> bool:
        """Tell whether it was there before us; both times are the server's."""
        return str(found["metadata"].get("creationTimestamp", "")) < self._since

    def _listed(self, kind: Kind, selector: str = "") -> Found:
        try:
            return Found(self._api.list(kind[0], kind[1], selector), [])
        except UnknownKindError:
            return Found([], [])
        except ApiError as error:
            if error.status in (0, 401):
                raise
            told = "%s of %s cannot be listed: %s"
            return Found([], [told % (kind[1], kind[0], error)])

    # Custom resources.

    def defined(self) -> Dict[Kind, bool]:
        """Return the kinds that our definitions make, and whether all objects of a kind go.

        They come in the version that they are stored in, in which they are listed without a
        conversion webhook, which may no longer be there. Of a definition that stays only what
        carries our labels goes.

        Raises:
            ApiError: When the definitions cannot be listed.
        """
        kinds = self.of_kinds("CustomResourceDefinition")
        found = {stored(one): False for one in sure(self.labelled(kinds))}
        found.update((stored(one), True) for one in sure(self.going(kinds)))
        return found

    def custom(self, kinds: Iterable[Kind], defined: Dict[Kind, bool]) -> Found:
        """Return the custom resources of these kinds that go."""
        found = Found([], [])
        for kind in kinds:
            if defined[kind]:
                _add(found, self._listed(kind))
            else:
                _add(found, self.labelled([kind]))
        return found

    def profiles(self, defined: Dict[Kind, bool]) -> Dict[Kind, bool]:
        """Return those of the defined kinds that are Profiles."""
        return {
            kind: entire
            for kind, entire in defined.items()
            if (_group(kind[0]), kind[1]) == _PROFILE
        }

    def profile_namespaces(self, defined: Dict[Kind, bool]) -> List[Object]:
        """Return the namespaces that Profiles which go own, and which go with them."""
        entire = any(self.profiles(defined).values())
        return [
            one
            for one in self._api.list("v1", "Namespace")
            for owner in one["metadata"].get("ownerReferences") or []
            if (_group(owner["apiVersion"]), owner["kind"]) == _PROFILE
            and (entire or self._is_labelled(owner))
        ]

    def _is_labelled(self, owner: Object) -> bool:
        sought = dict(owner, metadata={"name": owner["name"]})
        live = self._api.get(sought)
        return live is not None and self._objects.owns(live)


def sure(found: Found) -> List[Object]:
    """Return objects that must all be known, for what goes on from them.

    Raises:
        ApiError: When some could not be listed.
    """
    if found.troubles:
        raise ApiError(500, "Incomplete", "; ".join(found.troubles))
    return found.objects


def _selector(found: List[Object]) -> str:
    """Return what selects our labels, as an object of ours has them; empty where there is none."""
    if not found:
        return ""
    labels = found[0]["metadata"].get("labels") or {}
    return ",".join("%s=%s" % (key, labels.get(key, "")) for key in (APPLICATION, CHARM))


def _add(found: Found, more: Found) -> None:
    found.objects.extend(more.objects)
    found.troubles.extend(more.troubles)


def _group(api_version: str) -> str:
    return api_version.rpartition("/")[0]


def _kind(found: Object) -> Kind:
    return (found["apiVersion"], found["kind"])


def stored(definition: Object) -> Kind:
    """Return a definition's kind in the version that its objects are stored in, if served."""
    spec = definition["spec"]
    versions = [one for one in spec.get("versions") or [] if one.get("served")]
    stored = [one["name"] for one in versions if one.get("storage")]
    # One of the first form names a single version alone.
    names = stored or [one["name"] for one in versions] or [spec.get("version", "")]
    return ("%s/%s" % (spec["group"], names[0]), spec["names"]["kind"])
