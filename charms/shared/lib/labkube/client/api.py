"""A client for Kubernetes APIs of any version: discovery, retries, and operations on objects.

The package `kubernetes` is not used: its release for Python 3.6 has no server-side apply, and it
keeps discovery in a file that every user of the machine may write. Here discovery is kept in
memory. `client.connection` has more reasons.
"""

import contextlib
import re
import time
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

from labcharm.documents import DocumentError, form_errors
from labcharm.json_types import JsonMapping, JsonObject
from labcharm.proxies import DIRECT, ProxySettings
from labkube.client.access import Access
from labkube.client.connection import APPLY, JSON, MERGE, ApiError, Connection, UnknownKindError
from labkube.client.references import Kind

# Major and minor number of a server's version.
Version = Tuple[int, int]
# Seconds for which a request is repeated: about as long as an API server takes to restart.
PATIENCE = 20.0

__all__ = ["APPLY", "JSON", "MERGE", "Api", "ApiError", "Resource", "UnknownKindError", "Version"]


class Resource(NamedTuple):
    """Where the objects of a kind are.

    Attributes:
        path: The path of the API group's version.
        plural: The kind's name in paths.
        namespaced: Whether its objects are in namespaces.
    """

    path: str
    plural: str
    namespaced: bool


class Api:
    """A client for one server.

    Args:
        access: The server's address and the credentials.
        patience: How many seconds a request is repeated while the server answers "later".
        sleep: Waits for a number of seconds.
        proxies: The model's proxy settings.
    """

    def __init__(
        self,
        access: Access,
        patience: float = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
        proxies: ProxySettings = DIRECT,
    ) -> None:
        self._connection = Connection(access, proxies)
        self._patience, self._sleep = patience, sleep
        self._resources: Dict[str, Dict[str, Resource]] = {}
        self._version: Optional[Version] = None

    @property
    def reads(self) -> int:
        """How many GET requests were sent."""
        return self._connection.reads

    @property
    def writes(self) -> int:
        """How many other requests were sent."""
        return self._connection.writes

    @property
    def is_reached(self) -> bool:
        """Whether the server answered the last request; true before the first one."""
        return self._connection.is_reached

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def version(self) -> Version:
        """Return the server's version.

        Raises:
            ApiError: When the request fails, or the answer holds no version.
        """
        if self._version is None:
            answer = self.request("GET", "/version")
            numbers = [re.match(r"\d+", str(answer.get(key, ""))) for key in ("major", "minor")]
            if not all(numbers):
                raise ApiError(0, "NoVersion", "the server does not report its version")
            major, minor = (int(number.group()) for number in numbers if number)
            self._version = (major, minor)
        return self._version

    def kind(self, api_version: str, kind: str) -> Resource:
        """Return where the objects of a kind are.

        Raises:
            UnknownKindError: When the server does not have the kind, also after a new discovery.
            ApiError: When discovery fails.
        """
        resources = self._resources.get(api_version, {})
        if kind not in resources:
            resources = self._resources[api_version] = self._discover(api_version)
        if kind not in resources:
            raise UnknownKindError(f"the server has no {kind} of {api_version}", set(resources))
        return resources[kind]

    def has(self, api_version: str, kind: str) -> bool:
        """Return whether the server has a kind.

        Raises:
            ApiError: When discovery fails.
        """
        try:
            self.kind(api_version, kind)
        except UnknownKindError:
            return False
        return True

    def serves(self, api_version: str, kind: str) -> bool:
        """Return whether the server answers requests for objects of a kind.

        It does not do so at once after the kind was defined: definition, discovery and handler
        follow one after the other (apiextensions-apiserver, customresource_handler.go). Until the
        handler exists, a path of the kind has the 404 of an unknown path, which has no reason. A
        request that fails in another way counts as served: the request that needs the kind will
        get the error.
        """
        probe = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "nobody"}}
        try:
            self.request("GET", self.path_of(probe))
        except ApiError as error:
            return error.status != 404 or error.reason == "NotFound"
        return True

    def _discover(self, api_version: str) -> Dict[str, Resource]:
        path = _group_path(api_version)
        try:
            answer = self.request("GET", path)
        except ApiError as error:
            if error.status == 404:
                return {}
            raise
        with _form_errors(path):
            return {
                entry["kind"]: Resource(path, entry["name"], bool(entry["namespaced"]))
                for entry in answer.get("resources") or []
                if "/" not in entry["name"]
            }

    def kinds(self) -> List[Kind]:
        """Return every kind whose objects can be listed and deleted, each once.

        A group comes in the version that the server prefers. A group whose server does not answer,
        as that of an APIService that outlived its server, is skipped: no object of it could be
        read.

        Raises:
            ApiError: When discovery fails.
        """
        kinds: List[Kind] = []
        for version in self._preferred_versions():
            try:
                kinds += self._deletable_kinds(version)
            except ApiError as error:
                if not error.is_temporary and error.status != 404:
                    raise
        return kinds

    def _preferred_versions(self) -> List[str]:
        answer = self.request("GET", "/apis")
        with _form_errors("/apis"):
            groups = answer.get("groups") or []
            return ["v1"] + [group["preferredVersion"]["groupVersion"] for group in groups]

    def _deletable_kinds(self, version: str) -> List[Kind]:
        path = _group_path(version)
        answer = self._send("GET", path)
        with _form_errors(path):
            return [
                (version, entry["kind"])
                for entry in answer.get("resources") or []
                if "/" not in entry["name"] and {"list", "delete"} <= set(entry.get("verbs") or [])
            ]

    def path_of(self, manifest: JsonMapping, with_name: bool = True) -> str:
        """Return the path of an object, or without its name that of the list that it is in.

        Raises:
            UnknownKindError: When the server does not have its kind.
            ApiError: When discovery fails.
        """
        resource = self.kind(manifest["apiVersion"], manifest["kind"])
        metadata = manifest.get("metadata", {})
        path = resource.path
        if resource.namespaced:
            path += "/namespaces/" + metadata.get("namespace", "default")
        path += "/" + resource.plural
        return path + "/" + metadata["name"] if with_name else path

    def get(self, manifest: JsonMapping) -> Optional[JsonObject]:
        """Return the live object that a manifest or a reference names; None if it does not exist.

        Raises:
            ApiError: When the request fails.
        """
        try:
            return self.request("GET", self.path_of(manifest))
        except UnknownKindError:
            return None
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(
        self, api_version: str, kind: str, selector: str = "", namespace: str = ""
    ) -> List[JsonObject]:
        """Return the objects of a kind, read page by page.

        Args:
            api_version: The kind's `apiVersion`.
            kind: The kind.
            selector: A label selector; empty for all objects.
            namespace: The namespace of a kind that is in namespaces; empty for all namespaces.

        Raises:
            UnknownKindError: When the server does not have the kind.
            ApiError: When a request fails.
        """
        resource = self.kind(api_version, kind)
        place = f"/namespaces/{namespace}" if namespace and resource.namespaced else ""
        query = {"labelSelector": selector, "limit": "500"} if selector else {"limit": "500"}
        objects: List[JsonObject] = []
        path = f"{resource.path}{place}/{resource.plural}"
        while True:
            try:
                page = self.request("GET", path, query=query)
            except ApiError as error:
                if error.status != 404:
                    raise
                self._resources.pop(api_version, None)  # the definition was deleted meanwhile
                raise UnknownKindError(f"the server no longer has {kind}") from None
            with _form_errors(path):
                typed = {"apiVersion": api_version, "kind": kind}
                objects += [
                    dict(entry, metadata=dict(entry["metadata"]), **typed)
                    for entry in page.get("items") or []
                ]
                following = (page.get("metadata") or {}).get("continue")
            if not following:
                return objects
            query["continue"] = following

    def create(self, manifest: JsonMapping) -> JsonObject:
        """Create an object and return it."""
        return self.request("POST", self.path_of(manifest, with_name=False), manifest)

    def patch(self, manifest: JsonMapping, patch: JsonMapping) -> JsonObject:
        """Apply a merge patch (RFC 7386) to an object and return it."""
        return self.request("PATCH", self.path_of(manifest), patch, MERGE)

    def apply(self, manifest: JsonMapping, manager: str) -> JsonObject:
        """Apply an object by server-side apply and return it.

        Args:
            manifest: The object; its fields win over those of other managers.
            manager: The field manager.
        """
        query = {"fieldManager": manager, "force": "true"}
        return self.request("PATCH", self.path_of(manifest), manifest, APPLY, query)

    def replace(self, manifest: JsonMapping) -> JsonObject:
        """Replace an object, which must carry its resource version, and return it."""
        return self.request("PUT", self.path_of(manifest), manifest)

    def delete(self, manifest: JsonMapping) -> bool:
        """Request the deletion of an object and, in the background, of its dependents.

        Returns:
            Whether the object existed.

        Raises:
            ApiError: When the request fails.
        """
        try:
            self.request("DELETE", self.path_of(manifest), {"propagationPolicy": "Background"})
        except UnknownKindError:
            return False
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def request(
        self,
        method: str,
        path: str,
        body: Optional[JsonMapping] = None,
        content: str = JSON,
        query: Optional[JsonMapping] = None,
    ) -> JsonObject:
        """Send a request, and repeat it while the server answers "later".

        Args:
            method: The HTTP method.
            path: The path on the server.
            body: The document to send.
            content: The document's content type.
            query: The parameters of the URL.

        Raises:
            ApiError: When the request fails.
        """
        end = time.monotonic() + self._patience
        pause = 0.2
        while True:
            try:
                return self._send(method, path, body, content, query)
            except ApiError as error:
                # When a POST succeeded although it seemed to fail, the next one gets a 409, which
                # `apply.objects` understands.
                is_final = not error.is_temporary or error.is_from_webhook
                if is_final or time.monotonic() + pause > end:
                    raise
            self._sleep(pause)
            pause = min(pause * 2, 3.0)

    def _send(
        self,
        method: str,
        path: str,
        body: Optional[JsonMapping] = None,
        content: str = JSON,
        query: Optional[JsonMapping] = None,
    ) -> JsonObject:
        return self._connection.send(method, path, body, content, query)


@contextlib.contextmanager
def _form_errors(path: str) -> Iterator[None]:
    """Turn what a block raises for an answer of another form into an ApiError with its path.

    The server of an APIService may be any program.
    """
    try:
        with form_errors(path):
            yield
    except DocumentError as error:
        raise ApiError(0, "UnexpectedForm", f"the API's answer for {error}") from None


def _group_path(api_version: str) -> str:
    return ("/apis/" if "/" in api_version else "/api/") + api_version
