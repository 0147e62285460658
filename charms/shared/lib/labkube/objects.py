"""Objects on a cluster: applied, pruned, compared and taken away, on servers of any age.

One call, two strategies: server-side apply from 1.22 on, below it create or a three-way merge
whose last applied state is kept in an annotation. Either way an object that is as wanted is only
read. Objects carry labels of the application and charm that made them; what has no such label is
somebody else's and never written or removed unasked. The labels alone do not make an object one
that was applied (`was_applied`): controllers copy them. A Secret's content is wanted as `data`,
not as `stringData`, which the server never gives back.
"""

import copy
import hashlib
import json
import time
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from labcharm.words import some

from .api import Api, ApiError, Object, UnknownKindError, Version

APPLICATION = "app.lab-charms/application"
CHARM = "app.lab-charms/charm"
APPLIED = "app.lab-charms/last-applied"
# The server refuses annotations beyond 256 KiB in all (apimachinery, TotalAnnotationSizeLimitB).
_LARGEST = 200 * 1024
SERVER_SIDE = (1, 22)
# Who must be there before whom; what is not named comes after the workloads, webhooks last.
_ORDER = (
    "Namespace", "CustomResourceDefinition", "PodSecurityPolicy", "PriorityClass",
    "ServiceAccount", "Secret", "ConfigMap", "StorageClass", "ClusterRole", "Role",
    "ClusterRoleBinding", "RoleBinding", "Service", "Deployment", "DaemonSet", "StatefulSet",
)  # fmt: skip
_DEFINITION = "CustomResourceDefinition"
_LAST = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")
# Only by deletion can these be changed where the server calls a field immutable.
RECREATED = ("StorageClass", "ClusterRoleBinding", "RoleBinding", "DaemonSet", "Deployment", "Job")

Ref = Tuple[str, str, str, str]
Kind = Tuple[str, str]
Applied = NamedTuple(
    "Applied",
    [("created", List[str]), ("changed", List[str]), ("same", int), ("pruned", List[str])],
)
Comparison = NamedTuple(
    "Comparison",
    [
        ("correct", List[str]),
        ("changed", List[str]),
        ("missing", List[str]),
        ("extra", List[str]),
    ],
)


class ForeignObjectError(Exception):
    """Objects that are there already and were made by somebody else."""

    def __init__(self, names: List[str]) -> None:
        super().__init__("not made by this application: %s" % some(names))
        self.names = names


def name_of(found: Mapping[str, Any]) -> str:
    """Return an object's name for people: kind, namespace and name."""
    metadata = found.get("metadata", {})
    namespace = metadata.get("namespace", "")
    return "%s %s%s" % (found.get("kind"), namespace + "/" if namespace else "", metadata["name"])


def ref_of(found: Mapping[str, Any]) -> Ref:
    """Return what an object is found by; the API group stands for all its versions."""
    metadata = found["metadata"]
    group = found["apiVersion"].rpartition("/")[0]
    return (group, found["kind"], metadata.get("namespace", ""), metadata["name"])


def in_order(objects: Iterable[Object]) -> List[Object]:
    """Sort objects so that each finds what it needs."""

    def rank(found: Object) -> int:
        kind = found["kind"]
        if kind in _LAST:
            return len(_ORDER) + 1
        return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)

    return sorted(objects, key=rank)


class Objects:
    """The objects that an application of a model has on a cluster.

    Args:
        api: The cluster.
        application: What tells the application from others on the cluster (`compat.identity`).
        charm: Name of the charm; the field manager too.
        kinds: Every kind that any version of the charm makes, for finding what it no longer does.
        sleep: Waits; handed in for tests.
        server_side: From which version on the server does the applying.
    """

    def __init__(
        self,
        api: Api,
        application: str,
        charm: str,
        kinds: Iterable[Kind],
        sleep: Callable[[float], None] = time.sleep,
        server_side: Version = SERVER_SIDE,
    ) -> None:
        self._api = api
        self._server_side = server_side
        self._labels = {APPLICATION: application, CHARM: charm}
        self._charm = charm
        self._kinds = list(kinds)
        self._sleep = sleep

    def apply(
        self,
        objects: Iterable[Object],
        adopt: bool = False,
        prune: bool = True,
        known: Optional[Mapping[Ref, Object]] = None,
        settle: bool = True,
    ) -> Applied:
        """Make the cluster have these objects, and of ours no others.

        Args:
            objects: What shall be there.
            adopt: Whether objects of others with these names are taken over; what they hold
                beyond ours stays.
            prune: Whether what is ours and not among them is removed.
            known: Live objects that `look` has seen; the others are asked for.
            settle: Whether what is defined is waited for (`settle`), before what comes after it.

        Raises:
            ForeignObjectError: Before anything is written, where somebody else's stand.
            ApiError: When a request fails; what was done stays and the next run goes on.
            UnknownKindError: When the server does not have a kind.
        """
        wanted = [self._labelled(found) for found in in_order(objects)]
        seen = known or {}
        live = [seen.get(ref_of(found)) or self._api.get(found) for found in wanted]
        if not adopt:
            self._refuse(wanted, live)
        done = Applied([], [], 0, [])
        same = 0
        written: List[Object] = []
        for found, there in zip(wanted, live):
            if settle and found["kind"] != _DEFINITION:
                self.settle(written)
                written = []
            if there is not None and self._is_as(found, there):
                same += 1
                continue
            if there is None:
                self._create(found)
                done.created.append(name_of(found))
            else:
                self._change(found, there)
                done.changed.append(name_of(found))
            written.append(found)
        if settle:
            self.settle(written)
        pruned = self.prune(wanted) if prune else []
        return done._replace(same=same, pruned=pruned)

    def settle(self, applied: Iterable[Object], seconds: float = 30.0) -> None:
        """Wait until the server serves what was defined, all together.

        Args:
            applied: Objects that were created or changed; those that are no definitions are
                passed over.
            seconds: How long that may take. What needs a kind that is not served then, says so.
        """
        end = time.monotonic() + seconds
        left = [kind for found in applied for kind in defined_by(found)]
        while True:
            left = [kind for kind in left if not self._api.serves(*kind)]
            if not left or time.monotonic() > end:
                return
            self._sleep(0.1)

    def look(self, objects: Iterable[Object]) -> Dict[Ref, Object]:
        """Return those of these objects that are there and ours, by lists and not one by one.

        A list a kind instead of a request an object: a set of hundreds is seen in a second.
        """
        wanted: Dict[Kind, List[Ref]] = {}
        for found in objects:
            wanted.setdefault((found["apiVersion"], found["kind"]), []).append(ref_of(found))
        seen: Dict[Ref, Object] = {}
        for (api_version, kind), refs in sorted(wanted.items()):
            try:
                items = self._api.list(api_version, kind, self._selector())
            except UnknownKindError:
                continue
            # A kind may be wanted in several versions; each object is seen in its own.
            seen.update((ref_of(item), item) for item in items if ref_of(item) in set(refs))
        return seen

    def refuse_foreign(self, objects: Iterable[Object]) -> None:
        """Look for somebody else's objects of these names, where they are applied in stages.

        Raises:
            ForeignObjectError: With all of them.
        """
        wanted = list(objects)
        self._refuse(wanted, [self._api.get(found) for found in wanted])

    def _refuse(self, wanted: List[Object], live: List[Optional[Object]]) -> None:
        foreign = [
            name_of(found) for found, there in zip(wanted, live) if there and not self.owns(there)
        ]
        if foreign:
            raise ForeignObjectError(foreign)

    def prune(self, keep: Iterable[Object]) -> List[str]:
        """Remove what is ours and not among these; return their names."""
        extra = self._extra(keep)
        return [name_of(found) for found in reversed(in_order(extra)) if self._api.delete(found)]

    def owned(self) -> List[Object]:
        """Return every object that we applied, of the kinds that this charm makes, each once."""
        return [_own_view(views) for views in self._owned()]

    def _owned(self) -> List[List[Object]]:
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
        try:
            return self._api.list(api_version, kind, self._selector())
        except UnknownKindError:
            return []

    def _selector(self) -> str:
        return ",".join("%s=%s" % pair for pair in sorted(self._labels.items()))

    def compare(
        self, objects: Iterable[Object], known: Optional[Mapping[Ref, Object]] = None
    ) -> Comparison:
        """Tell which objects are as wanted, changed, missing, and ours beyond these.

        Args:
            objects: What is wanted.
            known: Live objects that `look` has seen; the others are asked for.
        """
        result = Comparison([], [], [], [])
        wanted = [self._labelled(found) for found in in_order(objects)]
        seen = known or {}
        for found in wanted:
            try:
                live = seen.get(ref_of(found)) or self._api.get(found)
            except UnknownKindError:
                live = None
            right = live is not None and self._is_as(found, live)
            where = result.missing if live is None else result.correct if right else result.changed
            where.append(name_of(found))
        result.extra.extend(name_of(found) for found in self._extra(wanted))
        return result

    def not_ready(
        self, objects: Iterable[Object], known: Optional[Mapping[Ref, Object]] = None
    ) -> List[str]:
        """List which of these objects do not serve yet, and why.

        Args:
            objects: What is watched.
            known: Live objects that `look` has seen just now; the others are asked for.
        """
        told = []
        seen = known or {}
        for found in objects:
            live = seen.get(ref_of(found)) or self._api.get(found)
            reason = "is missing" if live is None else unready(live)
            if reason:
                told.append("%s %s" % (name_of(found), reason))
        return told

    def wait(self, objects: Iterable[Object], seconds: float) -> List[str]:
        """Wait until all of these serve; return what does not after that time."""
        end = time.monotonic() + seconds
        watched = list(objects)
        told = self.not_ready(watched)
        while told and time.monotonic() < end:
            self._sleep(0.1)
            told = self.not_ready(watched)
        return told

    def remove(self, seconds: float = 60.0, keep: Iterable[Object] = ()) -> List[str]:
        """Remove every object of ours.

        Args:
            seconds: How long they may take to go.
            keep: Which of them stay.

        Returns:
            What is still there after the wait, and what holds it; nothing is forced.
        """
        kept = list(keep)
        left = self._extra(kept)
        for found in reversed(in_order(left)):
            self._api.delete(found)
        end = time.monotonic() + seconds
        left = self._extra(kept)
        while left and time.monotonic() < end:
            self._sleep(0.5)
            left = self._extra(kept)
        return [_stuck(found) for found in left]

    def _extra(self, keep: Iterable[Object]) -> List[Object]:
        """Return what is ours beyond these."""
        kept = {ref_of(found) for found in keep}
        return [
            _own_view(views)
            for views in self._owned()
            if not any(ref_of(view) in kept for view in views)
        ]

    # One object.

    def _labelled(self, found: Object) -> Object:
        result = copy.deepcopy(found)
        result.pop("status", None)  # the server's; generated definitions bring an empty one
        labels = result["metadata"].setdefault("labels", {})
        labels.update(self._labels)
        return result

    def owns(self, live: Object) -> bool:
        """Tell whether an object of the cluster is ours."""
        labels = live.get("metadata", {}).get("labels") or {}
        return all(labels.get(key) == value for key, value in self._labels.items())

    def _is_as(self, wanted: Object, live: Object) -> bool:
        applied = (live["metadata"].get("annotations") or {}).get(APPLIED)
        return applied == _kept(wanted) and covers(live, wanted)

    def _create(self, wanted: Object) -> None:
        try:
            if self._applies():
                self._api.apply(_noted(wanted), self._charm)
            else:
                self._api.create(_noted(wanted))
        except ApiError as error:
            if error.reason != "AlreadyExists":
                raise
            live = self._api.get(wanted)  # another hook's request that seemed to fail
            if live is None:
                raise
            if not self.owns(live):
                raise ForeignObjectError([name_of(wanted)]) from None
            self._change(wanted, live)

    def _change(self, wanted: Object, live: Object) -> None:
        try:
            if self._applies():
                self._apply(wanted, live)
            else:
                self._merge(wanted, live)
        except ApiError as error:
            immutable = error.status == 422 and wanted["kind"] in RECREATED
            if not immutable:
                raise
            self._recreate(wanted)

    def _applies(self) -> bool:
        return self._api.version() >= self._server_side

    def _apply(self, wanted: Object, live: Object) -> None:
        # The server removes what this manager applied before and no longer does. What was merged
        # while the server was older has another manager, so it is removed by name.
        gone = removals(merge_patch(_last(live), live, _noted(wanted)))
        if gone:
            self._api.patch(wanted, gone)
        self._api.apply(_noted(wanted), self._charm)

    def _merge(self, wanted: Object, live: Object) -> None:
        noted = _noted(wanted)
        applied = (live["metadata"].get("annotations") or {}).get(APPLIED, "")
        if applied.startswith("sha256:"):
            # What it was is not kept, so it is put in its place as a whole.
            version = live["metadata"].get("resourceVersion")
            noted["metadata"] = dict(noted["metadata"], resourceVersion=version)
            self._api.replace(noted)
        else:
            self._api.patch(wanted, merge_patch(_last(live), live, noted))

    def _recreate(self, wanted: Object) -> None:
        self._api.delete(wanted)
        for _ in range(60):
            if self._api.get(wanted) is None:
                break
            self._sleep(0.5)
        self._api.create(_noted(wanted))


def defined_by(found: Mapping[str, Any]) -> List[Kind]:
    """Return the kinds that a definition lets the server have; none of another object."""
    if found["kind"] != _DEFINITION:
        return []
    spec = found["spec"]
    # One of the first form may name a single version alone.
    versions = spec.get("versions") or [{"name": spec.get("version"), "served": True}]
    names = [one["name"] for one in versions if one.get("served")]
    return [("%s/%s" % (spec["group"], name), spec["names"]["kind"]) for name in names]


def was_applied(live: Object) -> bool:
    """Tell whether an object with our labels was applied by us, and not derived from one that was.

    Controllers copy labels: to Endpoints and EndpointSlices from their Service
    (endpoints_controller.go, `newEndpoints.Labels = service.Labels`); some copy annotations too:
    to a CertificateRequest from its Certificate. What was applied has our annotation, and that is
    of this very object. A digest does not say of which it is, so there its owner tells.

    Args:
        live: The object as it is on the server.
    """
    metadata = live["metadata"]
    if not (metadata.get("annotations") or {}).get(APPLIED):
        return False
    noted = _last(live)
    if noted is None:
        return not any(one.get("controller") for one in metadata.get("ownerReferences") or [])
    # One without a namespace lies in `default`; one of no namespace may have been given some.
    namespaces = (noted["metadata"].get("namespace"), metadata.get("namespace"))
    apart = all(namespaces) and namespaces[0] != namespaces[1]
    same = (noted.get("kind"), noted["metadata"].get("name")) == (live["kind"], metadata["name"])
    return same and not apart


def _own_view(views: List[Object]) -> Object:
    """Return an object as the group shows it that it was applied in; else as any does."""
    for view in views:
        noted = _last(view)
        if noted is not None and ref_of(noted)[0] == ref_of(view)[0]:
            return view
    return views[0]


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


def unready(live: Object) -> str:
    """Say why an object does not serve yet; empty when it does, or its kind tells nothing."""
    status = live.get("status") or {}
    conditions = {item.get("type"): item for item in status.get("conditions") or []}
    kind = live["kind"]
    if kind == "CustomResourceDefinition":
        established = (conditions.get("Established") or {}).get("status") == "True"
        return "" if established else "is not established yet"
    if kind in ("Deployment", "StatefulSet"):
        wanted = live.get("spec", {}).get("replicas", 1)
        ready = status.get("readyReplicas", 0)
        return _count(ready, wanted, live)
    if kind == "DaemonSet":
        wanted = status.get("desiredNumberScheduled")
        return "is not scheduled yet" if wanted is None else _count(
            status.get("numberReady", 0), wanted, live
        )  # fmt: skip
    return ""


def _count(ready: int, wanted: int, live: Object) -> str:
    seen = (live.get("status") or {}).get("observedGeneration", 0)
    if seen < live["metadata"].get("generation", 0):
        return "is not looked at yet"
    return "" if ready >= wanted else "has %d of %d ready" % (ready, wanted)


def _kept(wanted: Object) -> str:
    """Return what the annotation holds: the object itself, or its digest where it is too large."""
    text = json.dumps(wanted, sort_keys=True, separators=(",", ":"))
    if wanted.get("kind") == "Secret" or len(text) > _LARGEST:
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    return text


def _noted(wanted: Object) -> Object:
    result = copy.deepcopy(wanted)
    result["metadata"].setdefault("annotations", {})[APPLIED] = _kept(wanted)
    return result


def _last(live: Object) -> Optional[Object]:
    text = (live["metadata"].get("annotations") or {}).get(APPLIED, "")
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    found["metadata"].setdefault("annotations", {})[APPLIED] = text
    return dict(found)


def _stuck(found: Object) -> str:
    metadata = found["metadata"]
    held = metadata.get("finalizers") or found.get("spec", {}).get("finalizers") or []
    if held:
        return "%s is held by its finalizers %s" % (name_of(found), ", ".join(held))
    return "%s is not gone yet" % name_of(found)
