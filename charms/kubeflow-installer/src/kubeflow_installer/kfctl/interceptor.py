"""What becomes of kfctl's requests: objects of ours, answers, or requests that go through.

kfctl 0.6 creates what is not there and never changes what is; later ones apply as kubectl does.
Here each sees a cluster that holds no object but those that it has made in this run, so that it
always sends whole objects. These are recorded as they come, then fitted, labelled and applied by
our own layer; the answer is the object as it lives. So every run brings every object to what is
wanted, and writes nothing where it is so already. Somebody else's object is not touched: kfctl
gets a 409 for it, and its name is recorded.
"""

import contextlib
import copy
import json
import os
import threading
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Set, Tuple
from urllib.parse import unquote

from labkube.apply.objects import ForeignObjectError, Objects
from labkube.apply.references import Ref, name_of, ref_of
from labkube.client.api import Api, ApiError, Object

# kubectl's own copy of what it applied: the object as kfctl wants it, before it is fitted.
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# Questions that are asked by POST and change nothing.
_REVIEWS = ("authorization.k8s.io", "authentication.k8s.io")
_SERVERS = ("resourceVersion", "uid", "selfLink", "generation", "managedFields")

Answer = NamedTuple("Answer", [("status", int), ("document", Object)])
Target = NamedTuple(
    "Target",
    [("group", str), ("namespace", str), ("plural", str), ("name", str), ("rest", str)],
)


def target_of(path: str) -> Optional[Target]:
    """Return what a path of the API names; None where that is no object and no list of them."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, rest = "", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, rest = parts[1], parts[3:]
    else:
        return None
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    name = rest[1] if len(rest) > 1 else ""
    return Target(group, namespace, rest[0], name, "/".join(rest[2:]))


def refused(code: int, reason: str, message: str) -> Answer:
    """Return an answer that says why not, as an API server does."""
    document = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    return Answer(code, document)


class Record:
    """What kfctl made, an object a line, in the order in which it came.

    Some objects come more than once in a run, from two components and not the same; the last of
    them counts.

    Args:
        path: The file; it holds Secrets, so nobody else may read it.
        earlier: The lines of an earlier run.
    """

    def __init__(self, path: str, earlier: Iterable[str] = ()) -> None:
        handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        self._file = os.fdopen(handle, "w", encoding="utf-8")
        self._last: Dict[Ref, Object] = {}
        self._earlier: Dict[Ref, List[Object]] = {}
        for line in earlier:
            found = json.loads(line)
            self._earlier.setdefault(ref_of(found), []).append(found)
        self.foreign: List[str] = []

    @property
    def count(self) -> int:
        """Return how many objects there are."""
        return len(self._last)

    def applied(self, found: Object) -> None:
        """Add an object that is applied."""
        if self._last.get(ref_of(found)) == found:
            return  # kfctl tries a component as a whole again
        self._last[ref_of(found)] = found
        self._file.write(json.dumps(found, sort_keys=True) + "\n")
        self._file.flush()

    def before(self, found: Object) -> Optional[Object]:
        """Return what kfctl made of an object's name before, in this run."""
        return self._last.get(ref_of(found))

    def is_followed(self, found: Object) -> bool:
        """Tell whether another of the same name came after this one in the earlier run."""
        came = self._earlier.get(ref_of(found), [])
        return found in came and came[-1] != found

    def stranger(self, name: str) -> None:
        """Add the name of an object that somebody else made."""
        if name not in self.foreign:
            self.foreign.append(name)

    def close(self) -> None:
        """Have it on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


class Intake:
    """Decides what becomes of a request.

    Args:
        api: The cluster.
        objects: Applies.
        record: Gets what is applied, before it is fitted.
        fit: Makes an object fit the site before it is applied.
        withheld: Kind, namespace and name of objects that are answered as made and are not: they
            are somebody else's part.
        awaited: Namespaces that kfctl waits for while a controller makes them, each with the kind
            whose object must have been made before (empty: none). kfctl sees none before that,
            and always one after it: waiting is for later hooks.
        adopt: Whether somebody else's objects of these names are taken over.
    """

    def __init__(
        self,
        api: Api,
        objects: Objects,
        record: Record,
        fit: Callable[[Object], Object],
        withheld: Iterable[Tuple[str, str, str]] = (),
        awaited: Optional[Mapping[str, str]] = None,
        adopt: bool = False,
    ) -> None:
        self._api, self._objects, self._record = api, objects, record
        self._fit = fit
        self._withheld, self._awaited, self._adopt = set(withheld), dict(awaited or {}), adopt
        # Paths of what kfctl made in this run.
        self._made: Set[str] = set()
        self._kinds = {""}
        self._lock = threading.Lock()

    def answer(
        self, method: str, path: str, query: Mapping[str, List[str]], body: bytes
    ) -> Optional[Answer]:
        """Return the answer to a request; None where it goes through to the API server."""
        target = target_of(path)
        if method == "GET":
            if target is None or not target.name or target.rest or "watch" in query:
                return None
            return self._told(self._seen, path, target)
        if target is None or target.rest or method not in ("POST", "PUT", "PATCH"):
            return _forbidden(method, path)
        if method == "POST" and target.group in _REVIEWS:
            return None
        try:
            document = json.loads(body.decode("utf-8"))
        except ValueError:
            return refused(415, "UnsupportedMediaType", "bodies other than JSON are not read here")
        if method == "POST":
            return self._told(self._taken, path, target, document, 201)
        return self._told(self._changed, path, target, document)

    def _told(self, how: Callable[..., Answer], *args: Any) -> Answer:
        with self._lock:
            try:
                return how(*args)
            except ApiError as error:
                # kfctl 0.6 goes on after any 409, so a conflict must not look like one.
                code = 503 if error.status in (0, 409) else error.status
                return refused(code, error.reason or "InternalError", str(error))

    def _seen(self, path: str, target: Target) -> Answer:
        if not target.namespace and target.plural == "namespaces" and target.name in self._awaited:
            return self._namespace(path, target)
        if path not in self._made:
            return _absent(target)
        return Answer(200, self._api.request("GET", path))

    def _namespace(self, path: str, target: Target) -> Answer:
        if self._awaited[target.name] not in self._kinds:
            return _absent(target)
        with contextlib.suppress(ApiError):
            return Answer(200, self._api.request("GET", path))
        metadata = {"name": target.name}
        made = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        return Answer(200, dict(made, status={"phase": "Active"}))

    def _taken(self, path: str, target: Target, found: Any, code: int) -> Answer:
        """Apply an object that kfctl sends."""
        if not isinstance(found, dict) or not (found.get("metadata") or {}).get("name"):
            return refused(422, "Invalid", "an object without a name cannot be applied")
        raw = plain(found, target.namespace)
        where = path if target.name else "%s/%s" % (path, raw["metadata"]["name"])
        if _id(raw) in self._withheld:
            self._made.add(where)
            return Answer(code, raw)
        if raw["kind"] == "Namespace":
            # Several components bring the same one, each with labels of its own.
            raw = merged(self._record.before(raw) or {}, raw)
        wanted = self._fit(raw)
        try:
            live = self._applied(raw, wanted)
        except ForeignObjectError:
            return self._foreign(wanted)
        self._made.add(where)
        self._kinds.add(raw["kind"])
        self._record.applied(raw)
        return Answer(code, live)

    def _applied(self, raw: Object, wanted: Object) -> Object:
        """Apply an object, unless the last run told that it does not stay; return it as it lives.

        Raises:
            ForeignObjectError: When it is somebody else's.
        """
        if self._record.is_followed(raw):
            live = self._api.get(wanted)
            if live is not None and self._objects.owns(live):
                return live
        self._objects.apply([wanted], adopt=self._adopt, prune=False)
        return self._api.get(wanted) or wanted

    def _changed(self, path: str, target: Target, document: Any) -> Answer:
        """Take the whole object out of a change; without one, what lives is as it should be."""
        whole = last_applied(document)
        if whole is not None:
            return self._taken(path, target, whole, 200)
        live = self._api.request("GET", path)
        return Answer(200, live) if self._objects.owns(live) else self._foreign(live)

    def _foreign(self, found: Object) -> Answer:
        self._record.stranger(name_of(found))
        told = "%s is there already and was made by somebody else" % name_of(found)
        return refused(409, "AlreadyExists", told)


def _absent(target: Target) -> Answer:
    return refused(404, "NotFound", '%s "%s" not found' % (target.plural, target.name))


def _forbidden(method: str, path: str) -> Answer:
    return refused(405, "MethodNotAllowed", "%s %s is not done here" % (method, path))


def _id(found: Object) -> Tuple[str, str, str]:
    metadata = found["metadata"]
    return (found["kind"], metadata.get("namespace", ""), metadata["name"])


def plain(found: Object, namespace: str) -> Object:
    """Return an object without what servers and kubectl write into it.

    Args:
        found: The object.
        namespace: Where it is made when it does not say so itself; empty where it has none.
    """
    result = copy.deepcopy(found)
    result.pop("status", None)
    metadata = result["metadata"]
    for key in _SERVERS:
        metadata.pop(key, None)
    if metadata.get("creationTimestamp", "") is None:
        del metadata["creationTimestamp"]
    annotations = metadata.get("annotations") or {}
    if annotations.pop(LAST_APPLIED, None) is not None and not annotations:
        del metadata["annotations"]
    if namespace and not metadata.get("namespace"):
        metadata["namespace"] = namespace
    return result


def merged(before: Any, after: Any) -> Any:
    """Return two mappings as one; what the later one says wins."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return after
    both = {key: merged(before[key], after[key]) for key in before if key in after}
    return dict(before, **dict(after, **both))


def last_applied(document: Any) -> Optional[Object]:
    """Return the whole object out of a change that kubectl sends; None where it holds none."""
    if not isinstance(document, dict):
        return None
    annotations = (document.get("metadata") or {}).get("annotations") or {}
    try:
        found = json.loads(annotations.get(LAST_APPLIED) or "null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
