"""The request interceptor: answers the requests of kfctl, and applies the objects in them.

kfctl 0.6 creates what is missing and never changes what exists; later releases apply as kubectl
does. The interceptor shows kfctl a cluster that holds only the objects of this run, so kfctl
always sends whole objects. Each object is recorded as it is sent, then transformed, labelled and
applied by the charm itself; the answer is the live object. So every run brings every object to its
desired state, and an object that is already in its desired state is not written. A foreign object
is not changed: kfctl gets a 409 for it, and its name is recorded.
"""

import contextlib
import threading
from typing import Any, Callable, Iterable, List, Mapping, Optional, Set, Tuple

from kubeflow_installer.kfctl.recording import Recording
from kubeflow_installer.kfctl.requests import (
    Answer,
    Target,
    last_applied,
    merge,
    parse_path,
    refusal,
    without_server_fields,
)
from labcharm.documents import parse_json
from labcharm.json_types import JsonObject
from labkube.apply.objects import ForeignObjectError, Objects
from labkube.client.api import Api, ApiError
from labkube.client.references import name_of

# API groups whose POST requests change nothing.
_REVIEW_GROUPS = ("authorization.k8s.io", "authentication.k8s.io")


class RequestInterceptor:
    """Decides how a request is answered.

    Args:
        api: The cluster.
        objects: Applies objects.
        recording: Receives each applied object, as kfctl sent it.
        transform: Transforms an object for the site before it is applied.
        withheld: Kind, namespace and name of objects that are answered as created but are not
            applied, because another part of the charm makes them.
        awaited: Namespaces that kfctl waits for and a controller makes, each with the kind of the
            object that causes it (empty: no such object). Once kfctl has made an object of that
            kind, the answer is that the namespace exists, so that later hooks do the waiting.
        adopt: Whether foreign objects of these names are taken over.
    """

    def __init__(
        self,
        api: Api,
        objects: Objects,
        recording: Recording,
        transform: Callable[[JsonObject], JsonObject],
        withheld: Iterable[Tuple[str, str, str]] = (),
        awaited: Optional[Mapping[str, str]] = None,
        adopt: bool = False,
    ) -> None:
        self._api, self._objects, self._recording = api, objects, recording
        self._transform = transform
        self._withheld, self._awaited, self._adopt = set(withheld), dict(awaited or {}), adopt
        # Paths of the objects that kfctl made in this run, and their kinds.
        self._created_paths: Set[str] = set()
        self._created_kinds = {""}
        self._lock = threading.Lock()

    def answer(
        self, method: str, path: str, query: Mapping[str, List[str]], body: bytes
    ) -> Optional[Answer]:
        """Return the answer to a request; None when it is passed through to the API server."""
        target = parse_path(path)
        if method == "GET":
            if target is None or not target.name or target.subresource or "watch" in query:
                return None
            return self._handle(self._get, path, target)
        if target is None or target.subresource or method not in ("POST", "PUT", "PATCH"):
            return refusal(405, "MethodNotAllowed", f"{method} {path} is not supported here")
        if method == "POST" and target.group in _REVIEW_GROUPS:
            return None
        try:
            document = parse_json(body)
        except ValueError:
            return refusal(415, "UnsupportedMediaType", "only JSON bodies are supported here")
        if method == "POST":
            return self._handle(self._create, path, target, document, 201)
        return self._handle(self._change, path, target, document)

    def _handle(self, handler: Callable[..., Answer], *args: Any) -> Answer:
        with self._lock:
            try:
                return handler(*args)
            except ApiError as error:
                # kfctl 0.6 goes on after any 409, so a conflict must not look like one.
                code = 503 if error.status in (0, 409) else error.status
                return refusal(code, error.reason or "InternalError", str(error))

    def _get(self, path: str, target: Target) -> Answer:
        is_namespace = not target.namespace and target.plural == "namespaces"
        if is_namespace and target.name in self._awaited:
            return self._get_awaited_namespace(path, target)
        if path not in self._created_paths:
            return _not_found(target)
        return Answer(200, self._api.request("GET", path))

    def _get_awaited_namespace(self, path: str, target: Target) -> Answer:
        if self._awaited[target.name] not in self._created_kinds:
            return _not_found(target)
        with contextlib.suppress(ApiError):
            return Answer(200, self._api.request("GET", path))
        namespace = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": target.name},
            "status": {"phase": "Active"},
        }
        return Answer(200, namespace)

    def _create(self, path: str, target: Target, document: Any, code: int) -> Answer:
        """Apply an object that kfctl sends."""
        if not isinstance(document, dict) or not (document.get("metadata") or {}).get("name"):
            return refusal(422, "Invalid", "an object without a name cannot be applied")
        manifest = without_server_fields(document, target.namespace)
        object_path = path if target.name else f"{path}/{manifest['metadata']['name']}"
        if _key(manifest) in self._withheld:
            self._created_paths.add(object_path)
            return Answer(code, manifest)
        if manifest["kind"] == "Namespace":
            # Several components send the same namespace, each with other labels.
            manifest = merge(self._recording.latest(manifest) or {}, manifest)
        transformed = self._transform(manifest)
        try:
            live = self._apply(manifest, transformed)
        except ForeignObjectError:
            return self._refuse_foreign(transformed)
        self._created_paths.add(object_path)
        self._created_kinds.add(manifest["kind"])
        self._recording.add(manifest)
        return Answer(code, live)

    def _apply(self, manifest: JsonObject, transformed: JsonObject) -> JsonObject:
        """Apply an object, unless the last run replaced it afterwards; return the live object.

        Raises:
            ForeignObjectError: When this application did not make the live object.
        """
        if self._recording.was_replaced(manifest):
            live = self._api.get(manifest)
            if live is not None and self._objects.owns(live):
                return live
        self._objects.apply([transformed], adopt=self._adopt, prune=False)
        return self._api.get(transformed) or transformed

    def _change(self, path: str, target: Target, document: Any) -> Answer:
        """Apply the whole object that a change contains; otherwise change nothing."""
        manifest = last_applied(document)
        if manifest is not None:
            return self._create(path, target, manifest, 200)
        live = self._api.request("GET", path)
        return Answer(200, live) if self._objects.owns(live) else self._refuse_foreign(live)

    def _refuse_foreign(self, manifest: JsonObject) -> Answer:
        name = name_of(manifest)
        self._recording.add_foreign(name)
        message = f"{name} exists already and was not made by this application"
        return refusal(409, "AlreadyExists", message)


def _not_found(target: Target) -> Answer:
    return refusal(404, "NotFound", f'{target.plural} "{target.name}" not found')


def _key(manifest: JsonObject) -> Tuple[str, str, str]:
    metadata = manifest["metadata"]
    return (manifest["kind"], metadata.get("namespace", ""), metadata["name"])
