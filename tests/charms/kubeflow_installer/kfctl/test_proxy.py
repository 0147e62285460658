"""The proxy applies and records kfctl's objects, and writes nothing else."""

from __future__ import annotations

import http.client
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from helpers.fake_apis.http_api import DictionaryApi
from kubeflow_installer.kfctl.interceptor import RequestInterceptor
from kubeflow_installer.kfctl.proxy import ApiServerConnection, Proxy
from kubeflow_installer.kfctl.recording import Recording
from kubeflow_installer.kfctl.requests import (
    LAST_APPLIED,
)
from labkube.apply.objects import Objects
from labkube.client.api import Api

OWN_LABELS = {"app.lab-charms/application": "kf", "app.lab-charms/charm": "kubeflow-installer"}
CONFIGS = "/api/v1/namespaces/kubeflow/configmaps"
CONFIG = {
    "apiVersion": "v1", "kind": "ConfigMap",
    "metadata": {"name": "dex", "namespace": "kubeflow"}, "data": {"image": "gcr.io/a:1"},
}  # fmt: skip
SECRET = {
    "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "istio-ingressgateway-certs"},
}  # fmt: skip


class Lab:
    """A proxy before an API server, as kfctl sees it."""

    def __init__(self, api: DictionaryApi, proxy: Proxy, recording: Recording, path: Path) -> None:
        self.api, self.proxy, self.recording, self.path = api, proxy, recording, path

    def send(
        self, method: str, target: str, body: Any = None, secret: str | None = None
    ) -> tuple[int, Any]:
        """Send a request over a connection of its own."""
        path = f"/{self.proxy.secret if secret is None else secret}{target}"
        connection = http.client.HTTPConnection(urlsplit(self.proxy.url).netloc, timeout=20)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        kind = answer.headers["Content-Type"]
        return answer.status, json.loads(text) if kind == "application/json" else text

    def recorded(self) -> list[Any]:
        """Return the recorded objects."""
        return [json.loads(line) for line in self.path.read_text().splitlines()]


def use_lab_registry(manifest: dict[str, Any]) -> dict[str, Any]:
    """Rename a ConfigMap's image."""
    if manifest["kind"] != "ConfigMap":
        return manifest
    return {**manifest, "data": {"image": manifest["data"]["image"].replace("gcr.io", "lab")}}


def proxied_lab(
    api: DictionaryApi, directory: Path, adopt: bool = False, earlier: tuple[str, ...] = ()
) -> Iterator[Lab]:
    """Run a proxy before an API server."""
    client, path = Api(api.access, patience=0.1), directory / "objects.jsonl"
    recording = Recording(str(path), earlier)
    interceptor = RequestInterceptor(
        client,
        Objects(client, "kf", "kubeflow-installer", ()),
        recording,
        use_lab_registry,
        [("Secret", "istio-system", "istio-ingressgateway-certs")],
        {"kubeflow-jo": "Profile", "anonymous": ""},
        adopt,
    )
    (directory / "archive").write_bytes(b"\x1f\x8b archive")
    files = {"/sources/manifests.tar.gz": str(directory / "archive")}
    with Proxy(ApiServerConnection(api.access), interceptor, files) as proxy:
        yield Lab(api, proxy, recording, path)
    recording.close()
    client.close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[DictionaryApi]:
    """Run an API server of dictionaries."""
    with DictionaryApi(tmp_path) as server:
        yield server


@pytest.fixture
def lab(api: DictionaryApi, tmp_path: Path) -> Iterator[Lab]:
    """Run a proxy before the API server."""
    yield from proxied_lab(api, tmp_path)


def test_created_object_is_transformed_labelled_and_recorded(lab: Lab) -> None:
    """It is recorded as kfctl sent it, and kfctl sees it from then on."""
    assert lab.send("GET", f"{CONFIGS}/dex")[0] == 404
    status, live = lab.send("POST", CONFIGS, CONFIG)

    assert (status, live["data"]) == (201, {"image": "lab/a:1"})
    assert live["metadata"]["labels"] == OWN_LABELS
    assert lab.recorded() == [CONFIG]
    assert stat.S_IMODE(lab.path.stat().st_mode) == 0o600
    assert lab.send("GET", f"{CONFIGS}/dex") == (200, live)


def test_second_run_sees_nothing_and_writes_nothing(api: DictionaryApi, tmp_path: Path) -> None:
    """Kfctl sends the whole object again, and it is in its desired state."""
    for writes in (1, 1):
        for lab in proxied_lab(api, tmp_path):
            assert lab.send("GET", f"{CONFIGS}/dex")[0] == 404
            assert lab.send("POST", CONFIGS, CONFIG)[0] == 201
            assert lab.recorded() == [CONFIG]
        assert len(api.writes) == writes
    changed = {**CONFIG, "data": {"image": "gcr.io/a:2"}}
    for lab in proxied_lab(api, tmp_path):
        assert lab.send("POST", CONFIGS, changed)[1]["data"] == {"image": "lab/a:2"}
    assert len(api.writes) == 2


def test_object_that_comes_twice_is_written_once_in_a_later_run(
    api: DictionaryApi, tmp_path: Path
) -> None:
    """Once a whole run is recorded, only the last object of a name counts."""
    replacement = {**CONFIG, "data": {"image": "gcr.io/b:1"}}
    lines: tuple[str, ...] = ()
    for writes in (2, 2):
        for lab in proxied_lab(api, tmp_path, earlier=lines):
            for manifest in (CONFIG, CONFIG, replacement):
                assert lab.send("POST", CONFIGS, manifest)[0] == 201
            assert lab.recorded() == [CONFIG, replacement]
            assert lab.recording.count == 1
        lines = tuple((tmp_path / "objects.jsonl").read_text().splitlines())
        assert len(api.writes) == writes
        assert api.objects[f"{CONFIGS}/dex"]["data"] == {"image": "lab/b:1"}


def test_namespace_keeps_the_labels_of_all_components(lab: Lab) -> None:
    """Several components bring the same namespace."""
    for label in ("a", "b"):
        metadata = {"name": "kubeflow", "labels": {label: "1"}}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        live = lab.send("POST", "/api/v1/namespaces", namespace)[1]
    assert live["metadata"]["labels"] == {**OWN_LABELS, "a": "1", "b": "1"}
    assert lab.recorded()[-1]["metadata"]["labels"] == {"a": "1", "b": "1"}


def test_foreign_object_is_refused_and_named(lab: Lab) -> None:
    """Kfctl does not see it, and gets a 409."""
    lab.api.put(f"{CONFIGS}/dex", CONFIG)
    assert lab.send("GET", f"{CONFIGS}/dex")[0] == 404
    status, document = lab.send("POST", CONFIGS, {**CONFIG, "data": {"image": "gcr.io/a:9"}})

    assert (status, document["reason"]) == (409, "AlreadyExists")
    patch = {"metadata": {"labels": {"a": "b"}}}
    assert lab.send("PATCH", f"{CONFIGS}/dex", patch)[0] == 409
    assert lab.recording.foreign == ["ConfigMap kubeflow/dex"]
    assert (lab.api.writes, lab.recorded()) == ([], [])


def test_foreign_object_is_adopted_on_request(api: DictionaryApi, tmp_path: Path) -> None:
    """Kfctl does not see it then either."""
    api.put(f"{CONFIGS}/dex", {**CONFIG, "data": {"image": "old", "more": "kept"}})
    for lab in proxied_lab(api, tmp_path, adopt=True):
        assert lab.send("GET", f"{CONFIGS}/dex")[0] == 404
        live = lab.send("POST", CONFIGS, CONFIG)[1]
        assert live["data"] == {"image": "lab/a:1", "more": "kept"}
        assert lab.recording.foreign == []


def test_change_applies_the_whole_object_in_it(lab: Lab) -> None:
    """Other changes of the charm's own objects are answered as if made."""
    lab.send("POST", CONFIGS, CONFIG)
    changed = {**CONFIG, "data": {"image": "gcr.io/a:2"}}
    patch = {"metadata": {"annotations": {LAST_APPLIED: json.dumps(changed)}}, "data": None}
    status, live = lab.send("PATCH", f"{CONFIGS}/dex", patch)
    assert (status, live["data"]) == (200, {"image": "lab/a:2"})
    writes = list(lab.api.writes)

    for method, body in (("PATCH", {"data": {"image": "x"}}), ("PUT", CONFIG), ("PATCH", [])):
        assert lab.send(method, f"{CONFIGS}/dex", body) == (200, live)
    assert lab.api.writes == writes
    assert lab.send("PATCH", f"{CONFIGS}/other", {"data": {}})[0] == 404
    assert lab.recorded() == [CONFIG, changed]


def test_withheld_object_is_answered_and_not_applied(lab: Lab) -> None:
    """Another part of the charm makes the certificate."""
    path = "/api/v1/namespaces/istio-system/secrets"
    status, live = lab.send("POST", path, SECRET)
    assert (status, live["metadata"]["namespace"]) == (201, "istio-system")
    assert (lab.api.writes, lab.recorded()) == ([], [])


def test_awaited_namespace_exists_once_its_profile_does(lab: Lab) -> None:
    """Kfctl must not wait for controllers."""
    lab.api.put("/api/v1/namespaces/kubeflow-jo", {"metadata": {"name": "kubeflow-jo"}})
    assert lab.send("GET", "/api/v1/namespaces/kubeflow-jo")[0] == 404
    metadata = {"name": "kubeflow-jo", "creationTimestamp": None}
    profile = {"apiVersion": "kubeflow.org/v1alpha1", "kind": "Profile", "metadata": metadata}
    assert lab.send("POST", "/apis/kubeflow.org/v1alpha1/profiles", profile)[0] == 201
    assert lab.send("GET", "/api/v1/namespaces/kubeflow-jo")[0] == 200
    assert lab.send("GET", "/api/v1/namespaces/anonymous")[1]["status"] == {"phase": "Active"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("DELETE", f"{CONFIGS}/dex", None, 405),
        ("DELETE", CONFIGS, None, 405),
        ("PUT", f"{CONFIGS}/dex/status", {}, 405),
        ("POST", "/api/v1/namespaces/a/pods/b/eviction", {}, 405),
        ("POST", "/version", {}, 405),
        ("POST", CONFIGS, {"metadata": {"generateName": "a-"}}, 422),
        ("POST", CONFIGS, [], 422),
    ],
)
def test_other_writes_are_refused(
    lab: Lab, method: str, path: str, body: Any, status: int
) -> None:
    """They do not reach the server."""
    assert lab.send(method, path, body)[0] == status
    assert lab.api.requests == []


def test_body_that_is_not_json_is_refused(lab: Lab) -> None:
    """For example protobuf."""
    connection = http.client.HTTPConnection(urlsplit(lab.proxy.url).netloc, timeout=20)
    connection.request("POST", f"/{lab.proxy.secret}{CONFIGS}", b"k8s\x00\xff")
    assert connection.getresponse().status == 415
    connection.close()


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ((422, "Invalid"), (422, "Invalid")),
        ((503, "ServiceUnavailable"), (503, "ServiceUnavailable")),
        # kfctl 0.6 goes on after any 409.
        ((409, "Conflict"), (503, "Conflict")),
    ],
)
def test_refusal_of_the_server_is_returned(
    lab: Lab, fault: tuple[int, str], answer: tuple[int, str]
) -> None:
    """Nothing is recorded."""
    lab.api.faults[f"POST {CONFIGS}"] = fault
    status, document = lab.send("POST", CONFIGS, CONFIG)
    assert (status, document["reason"]) == answer
    assert (document["kind"], document["code"]) == ("Status", status)
    assert lab.recorded() == []


def test_reads_and_reviews_are_passed_through(lab: Lab) -> None:
    """With the charm's credentials, and in chunks where the server sends chunks."""
    assert lab.send("GET", "/version") == (200, {"major": "1", "minor": "20"})
    assert lab.send("GET", "/in-pieces") == (200, b"one two three")
    reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert lab.send("POST", reviews, {"metadata": {"name": "a"}})[0] == 201
    assert lab.send("GET", "/api/v1/namespaces/a/pods?watch=1")[0] == 404


def test_connection_serves_many_requests(lab: Lab) -> None:
    """Connections from kfctl are kept open, and so are those to the server."""
    connection = http.client.HTTPConnection(urlsplit(lab.proxy.url).netloc, timeout=20)
    for path in ("/in-pieces", "/version", "/api/v1"):
        connection.request("GET", f"/{lab.proxy.secret}{path}")
        answer = connection.getresponse()
        assert (answer.status, len(answer.read()) > 5) == (200, True)
    connection.close()


@pytest.mark.parametrize("secret", ["", "wrong", "w\u00f6rng"])
def test_request_without_the_secret_path_is_refused(lab: Lab, secret: str) -> None:
    """Other programs on the machine reach no API."""
    secret = secret.encode("ascii", "ignore").decode()
    status, document = lab.send("GET", "/version", secret=secret)
    assert (status, document["reason"]) == (401, "Unauthorized")
    assert lab.api.requests == []


@pytest.mark.parametrize("expect", ["", "Expect: 100-continue\r\n"])
def test_body_of_a_request_without_the_secret_is_not_read(lab: Lab, expect: str) -> None:
    """The answer comes at once: the proxy neither waits for the body nor asks for it."""
    host, _, port = urlsplit(lab.proxy.url).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        head = f"POST /wrong{CONFIGS} HTTP/1.1\r\n{expect}Content-Length: 1000000000\r\n\r\n"
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"\r\nConnection: close\r\n" in answer
    assert lab.api.requests == []


@pytest.mark.parametrize("length", ["-1", "many", "\u00b2"])
def test_length_that_is_no_number_is_refused(lab: Lab, length: str) -> None:
    """The proxy would wait for the end of the connection, or end it without an answer."""
    host, _, port = urlsplit(lab.proxy.url).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        head = f"POST /{lab.proxy.secret}{CONFIGS} HTTP/1.1\r\nContent-Length: {length}\r\n\r\n"
        connection.sendall(head.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_source_archives_are_served(lab: Lab) -> None:
    """Kfctl requests them without credentials, by HEAD first."""
    for method, body in (("HEAD", b""), ("GET", b"\x1f\x8b archive")):
        connection = http.client.HTTPConnection(urlsplit(lab.proxy.url).netloc, timeout=20)
        connection.request(method, "/sources/manifests.tar.gz?archive=tar.gz".partition("?")[0])
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Length"]) == (200, "10")
        assert answer.read() == body
        connection.close()


def test_unreachable_server_is_reported_without_credentials(lab: Lab) -> None:
    """For reads and for writes."""
    lab.api.__exit__()
    for method, path, body in (("GET", "/version", None), ("POST", CONFIGS, CONFIG)):
        status, document = lab.send(method, path, body)
        assert (status, document["kind"]) == (503, "Status")
        assert "the API cannot be reached" in document["message"]
        assert "token" not in json.dumps(document)


@pytest.mark.parametrize(
    ("query", "is_passed"), [("?watch=1", True), ("?watch=", True), ("", False)]
)
def test_watch_of_an_object_is_passed_through(lab: Lab, query: str, is_passed: bool) -> None:
    """Also one without a value. Otherwise kfctl sees only what it made in this run."""
    path = f"{CONFIGS}/foreign"
    lab.api.requests.clear()

    lab.send("GET", f"{path}{query}")

    assert (f"GET {path}" in lab.api.requests) is is_passed
