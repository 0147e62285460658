"""A Kubernetes API of any age: requests, discovery in memory, errors without secrets.

The `kubernetes` package carries them (connections, TLS, the certificate checks). Its own dynamic
client is not used: the release for Python 3.6 has no server-side apply, and it keeps discovery in
a file that everybody may write.
"""

import json
import os
import re
import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import urlencode

from labcharm.errors import WaitingError
from labkube.client import key_directories
from labkube.client.access import Access

Object = Dict[str, Any]
Kind = NamedTuple("Kind", [("path", str), ("plural", str), ("namespaced", bool)])
Version = Tuple[int, int]
# What the server, or a proxy before it, says of itself and not of the request.
_LATER = (429, 500, 502, 503, 504)
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"


class ApiError(WaitingError):
    """A request that failed.

    Attributes:
        status: The HTTP status; 0 when the server was not reached.
        reason: The server's reason, such as "AlreadyExists"; empty where it gives none.
    """

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message or reason or f"status {status}")
        self.status, self.reason = status, reason

    @property
    def passes(self) -> bool:
        """Tell whether trying again later may help."""
        return self.status == 0 or self.status in _LATER

    @property
    def by_webhook(self) -> bool:
        """Tell whether a webhook that does not answer is the cause: waiting here is no use."""
        return "failed calling webhook" in str(self)


class UnknownKindError(ApiError):
    """A kind that this server does not have."""

    def __init__(self, message: str) -> None:
        super().__init__(404, "UnknownKind", message)


class Api:
    """One server.

    Args:
        access: Where it is and who we are.
        patience: Seconds that a request is tried again while the server says "later".
        sleep: Waits; handed in for tests.
    """

    def __init__(
        self,
        access: Access,
        patience: float = 20.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        # Imported here: the package takes a third of a second, which hooks that ask the API
        # nothing need not spend.
        from kubernetes.client import ApiClient, Configuration

        key_directories.clear_remains()
        self._files = key_directories.folder()
        configuration: Any = Configuration()  # it does not say what types its fields have
        configuration.host = access.url
        configuration.verify_ssl = True
        configuration.ssl_ca_cert = self._file("ca", access.ca)
        if access.certificate:
            configuration.cert_file = self._file("certificate", access.certificate)
            configuration.key_file = self._file("key", access.key)
        configuration.retries = False
        self._client = ApiClient(configuration)
        self._headers = {"Authorization": "Bearer " + access.token} if access.token else {}
        self._patience, self._sleep = patience, sleep
        self._kinds: Dict[str, Dict[str, Kind]] = {}
        self._version: Optional[Version] = None
        self.reads = 0
        self.writes = 0

    def _file(self, name: str, text: str) -> str:
        path = os.path.join(self._files.name, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
        return path

    def close(self) -> None:
        """Remove the files that hold certificates."""
        self._files.cleanup()

    def version(self) -> Version:
        """Return the server's version as two numbers.

        Raises:
            ApiError: When it does not say.
        """
        if self._version is None:
            found = self.request("GET", "/version")
            numbers = [re.match(r"\d+", str(found.get(key, ""))) for key in ("major", "minor")]
            if not all(numbers):
                raise ApiError(0, "NoVersion", "the server names no version")
            major, minor = (int(number.group()) for number in numbers if number)
            self._version = (major, minor)
        return self._version

    def kind(self, api_version: str, kind: str) -> Kind:
        """Return where a kind's objects are.

        Raises:
            UnknownKindError: When the server does not have it, also not after asking anew.
            ApiError: When discovery fails.
        """
        known = self._kinds.get(api_version, {})
        if kind not in known:
            known = self._kinds[api_version] = self._discover(api_version)
        if kind not in known:
            raise UnknownKindError("the server has no %s of %s" % (kind, api_version))
        return known[kind]

    def has(self, api_version: str, kind: str) -> bool:
        """Tell whether the server has a kind."""
        try:
            self.kind(api_version, kind)
        except UnknownKindError:
            return False
        return True

    def serves(self, api_version: str, kind: str) -> bool:
        """Tell whether objects of a kind can be asked for: one that is defined cannot at once.

        Definition, discovery and handler each follow in their own time (apiextensions-apiserver,
        customresource_handler.go). Before the handler is there, a path of the kind gets the 404 of
        a path that nobody knows, which has no reason. A request that fails otherwise counts as
        served: whoever needs the kind learns how.
        """
        nobody = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "nobody"}}
        try:
            self.request("GET", self.path_of(nobody))
        except ApiError as error:
            return error.status != 404 or error.reason == "NotFound"
        return True

    def _discover(self, api_version: str) -> Dict[str, Kind]:
        root = "/api/" if "/" not in api_version else "/apis/"
        try:
            found = self.request("GET", root + api_version)
        except ApiError as error:
            if error.status == 404:
                return {}
            raise
        return {
            entry["kind"]: Kind(root + api_version, entry["name"], bool(entry["namespaced"]))
            for entry in found.get("resources", [])
            if "/" not in entry["name"]
        }

    def kinds(self) -> List[Tuple[str, str]]:
        """Return every kind that can be listed and deleted, each once, as (apiVersion, kind).

        A group comes in the version that the server prefers. A group whose server does not answer
        (an APIService that is left behind) is passed over: it has nothing that could be seen.

        Raises:
            ApiError: When discovery fails.
        """
        groups = self.request("GET", "/apis").get("groups", [])
        versions = ["v1"] + [group["preferredVersion"]["groupVersion"] for group in groups]
        found = []
        for version in versions:
            root = "/api/" if "/" not in version else "/apis/"
            try:
                served = self._send("GET", root + version, None, "application/json", None)
            except ApiError as error:
                if not error.passes and error.status != 404:
                    raise
                continue
            found += [
                (version, one["kind"])
                for one in served.get("resources", [])
                if "/" not in one["name"] and {"list", "delete"} <= set(one.get("verbs", []))
            ]
        return found

    def path_of(self, found: Mapping[str, Any], name: bool = True) -> str:
        """Return the path of an object, or of the list that it is in.

        Raises:
            UnknownKindError: When the server does not have its kind.
        """
        kind = self.kind(found["apiVersion"], found["kind"])
        metadata = found.get("metadata", {})
        path = kind.path
        if kind.namespaced:
            path += "/namespaces/" + metadata.get("namespace", "default")
        path += "/" + kind.plural
        return path + "/" + metadata["name"] if name else path

    def get(self, found: Mapping[str, Any]) -> Optional[Object]:
        """Return an object as it is on the server; None when it is not there."""
        try:
            return self.request("GET", self.path_of(found))
        except UnknownKindError:
            return None
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, api_version: str, kind: str, selector: str = "") -> List[Object]:
        """Return the objects of a kind in all namespaces, page by page."""
        where = self.kind(api_version, kind)
        query = {"labelSelector": selector, "limit": "500"} if selector else {"limit": "500"}
        items: List[Object] = []
        while True:
            try:
                page = self.request("GET", where.path + "/" + where.plural, query=query)
            except ApiError as error:
                if error.status != 404:
                    raise
                self._kinds.pop(api_version, None)  # its definition went since
                raise UnknownKindError("the server no longer has %s" % kind) from None
            found = page.get("items", [])
            items += [dict(item, apiVersion=api_version, kind=kind) for item in found]
            following = page.get("metadata", {}).get("continue")
            if not following:
                return items
            query["continue"] = following

    def create(self, found: Mapping[str, Any]) -> Object:
        """Create an object."""
        return self.request("POST", self.path_of(found, name=False), found)

    def patch(self, found: Mapping[str, Any], body: Any) -> Object:
        """Change parts of an object (RFC 7386)."""
        return self.request("PATCH", self.path_of(found), body, MERGE)

    def apply(self, found: Mapping[str, Any], manager: str) -> Object:
        """Apply an object on the server's side; fields of ours win."""
        query = {"fieldManager": manager, "force": "true"}
        return self.request("PATCH", self.path_of(found), found, APPLY, query)

    def replace(self, found: Mapping[str, Any]) -> Object:
        """Replace an object, which must carry its resource version."""
        return self.request("PUT", self.path_of(found), found)

    def delete(self, found: Mapping[str, Any]) -> bool:
        """Ask for an object's deletion, its dependents after it; tell whether it was there."""
        try:
            self.request("DELETE", self.path_of(found), {"propagationPolicy": "Background"})
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
        body: Any = None,
        content: str = "application/json",
        query: Optional[Mapping[str, str]] = None,
    ) -> Object:
        """Send a request, again while the server says "later".

        Raises:
            ApiError: When it fails.
        """
        end = time.monotonic() + self._patience
        pause = 0.2
        while True:
            try:
                return self._send(method, path, body, content, query)
            except ApiError as error:
                # A POST that the server may have done is answered by a 409 the next time, which
                # the applier takes for what it is.
                hopeless = not error.passes or error.by_webhook
                if hopeless or time.monotonic() + pause > end:
                    raise
            self._sleep(pause)
            pause = min(pause * 2, 3.0)

    def _send(
        self, method: str, path: str, body: Any, content: str, query: Optional[Mapping[str, str]]
    ) -> Object:
        from urllib3.exceptions import HTTPError

        self.reads += method == "GET"
        self.writes += method != "GET"
        url = self._client.configuration.host + path
        if query:
            url += "?" + urlencode(sorted(query.items()))
        headers = {"Accept": "application/json", "Content-Type": content}
        headers.update(self._headers)
        try:
            # The connection pool and not `call_api`: that one chooses the body's encoding and
            # turns every answer into a model of its own.
            answer = self._client.rest_client.pool_manager.request(
                method,
                url,
                body=None if body is None else json.dumps(body).encode(),
                headers=headers,
                timeout=30.0,
                retries=False,
            )
        except (HTTPError, OSError) as error:
            raise ApiError(0, type(error).__name__, _unreached(error)) from None
        return _answer(answer.status, answer.data)


def _answer(status: int, data: bytes) -> Object:
    try:
        found = json.loads(data.decode("utf-8"))
    except ValueError:
        found = {}
    if status >= 400:
        document = found if isinstance(found, dict) else {}
        message = str(document.get("message", "")) or data[:200].decode("utf-8", "replace")
        if status == 401:
            message = "the API refuses our credentials (%s)" % (message or "401")
        raise ApiError(status, str(document.get("reason", "")), message)
    return found if isinstance(found, dict) else {}


def _unreached(error: Exception) -> str:
    """Say why the server was not reached, in few words."""
    text = str(getattr(error, "reason", "") or error)
    text = re.sub(r"<[^>]*>:? ?", "", text)
    return "the API cannot be reached: " + (text.strip() or type(error).__name__)
