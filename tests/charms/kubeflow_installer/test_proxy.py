"""The recording proxy: what kfctl sends becomes ours, and nothing else is written."""

from __future__ import annotations

import http.client
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from helpers.kubeflow.dictionary_api import DictionaryApi
from kubeflow_installer.kfctl.interceptor import (
    LAST_APPLIED,
    Intake,
    Record,
    last_applied,
    merged,
    plain,
    target_of,
)
from kubeflow_installer.kfctl.proxy import Proxy, Upstream
from labkube.apply.objects import Objects
from labkube.client.api import Api

OURS = {"app.lab-charms/application": "kf", "app.lab-charms/charm": "kubeflow-installer"}
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

    def __init__(self, api: DictionaryApi, proxy: Proxy, record: Record, path: Path) -> None:
        self.api, self.proxy, self.record, self.path = api, proxy, record, path

    def send(
        self, method: str, target: str, body: Any = None, secret: str | None = None
    ) -> tuple[int, Any]:
        """Send a request over a connection of its own."""
        path = f"/{self.proxy.secret if secret is None else secret}{target}"
        link = http.client.HTTPConnection(urlsplit(self.proxy.url).netloc, timeout=20)
        try:
            link.request(method, path, None if body is None else json.dumps(body))
            answer = link.getresponse()
            text = answer.read()
        finally:
            link.close()
        kind = answer.headers["Content-Type"]
        return answer.status, json.loads(text) if kind == "application/json" else text

    def recorded(self) -> list[Any]:
        """Return what is recorded."""
        return [json.loads(line) for line in self.path.read_text().splitlines()]


def fitted(found: dict[str, Any]) -> dict[str, Any]:
    """Put images into a registry."""
    if found["kind"] != "ConfigMap":
        return found
    return {**found, "data": {"image": found["data"]["image"].replace("gcr.io", "lab")}}


def lab(
    api: DictionaryApi, folder: Path, adopt: bool = False, earlier: tuple[str, ...] = ()
) -> Iterator[Lab]:
    """Run a proxy."""
    client, path = Api(api.access, patience=0.1), folder / "objects.jsonl"
    record = Record(str(path), earlier)
    intake = Intake(
        client,
        Objects(client, "kf", "kubeflow-installer", ()),
        record,
        fitted,
        [("Secret", "istio-system", "istio-ingressgateway-certs")],
        {"kubeflow-jo": "Profile", "anonymous": ""},
        adopt,
    )
    (folder / "archive").write_bytes(b"\x1f\x8b archive")
    files = {"/sources/manifests.tar.gz": str(folder / "archive")}
    with Proxy(Upstream(api.access), intake, files) as proxy:
        yield Lab(api, proxy, record, path)
    record.close()
    client.close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[DictionaryApi]:
    """Run an API server of dictionaries."""
    with DictionaryApi(tmp_path) as found:
        yield found


@pytest.fixture
def one(api: DictionaryApi, tmp_path: Path) -> Iterator[Lab]:
    """Run a proxy before it."""
    yield from lab(api, tmp_path)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/api/v1/namespaces", ("", "", "namespaces", "", "")),
        ("/api/v1/namespaces/a", ("", "", "namespaces", "a", "")),
        ("/api/v1/namespaces/a/finalize", ("", "", "namespaces", "a", "finalize")),
        ("/api/v1/namespaces/a/pods/b/log", ("", "a", "pods", "b", "log")),
        ("/apis/apps/v1/namespaces/a/deployments", ("apps", "a", "deployments", "", "")),
        ("/apis/x.io/v1/roles/system%3Aall", ("x.io", "", "roles", "system:all", "")),
        ("/apis/apps/v1", None),
        ("/api/v1", None),
        ("/version", None),
    ],
)
def test_targets(path: str, wanted: tuple[str, ...] | None) -> None:
    """A path says what it is about."""
    assert target_of(path) == wanted


def test_plain() -> None:
    """What servers and kubectl add is dropped, the namespace of the path put in."""
    metadata = {
        "name": "a", "uid": "1", "creationTimestamp": None, "annotations": {LAST_APPLIED: "{}"},
    }  # fmt: skip
    found = {"kind": "ConfigMap", "metadata": metadata, "status": {}}
    assert plain(found, "ns") == {
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "ns"},
    }
    kept = {"kind": "A", "metadata": {"name": "a", "annotations": {LAST_APPLIED: "{}", "b": "c"}}}
    assert plain(kept, "") == {"kind": "A", "metadata": {"name": "a", "annotations": {"b": "c"}}}


def test_merged_and_last_applied() -> None:
    """Mappings are put together; what is no mapping is taken from the later one."""
    assert merged({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"c": 3}, "d": [2], "e": 4}) == {
        "a": {"b": 1, "c": 3}, "d": [2], "e": 4,
    }  # fmt: skip
    change = {"metadata": {"annotations": {LAST_APPLIED: '{"kind": "A"}'}}}
    assert last_applied(change) == {"kind": "A"}
    for other in ([], {}, {"metadata": {"annotations": {LAST_APPLIED: "{"}}}):
        assert last_applied(other) is None


def test_what_kfctl_makes_is_ours(one: Lab) -> None:
    """It is fitted and labelled on the server, recorded as it came, and seen from then on."""
    assert one.send("GET", f"{CONFIGS}/dex")[0] == 404
    status, live = one.send("POST", CONFIGS, CONFIG)

    assert (status, live["data"]) == (201, {"image": "lab/a:1"})
    assert live["metadata"]["labels"] == OURS
    assert one.recorded() == [CONFIG]
    assert stat.S_IMODE(one.path.stat().st_mode) == 0o600
    assert one.send("GET", f"{CONFIGS}/dex") == (200, live)


def test_a_second_run_sees_nothing_and_writes_nothing(api: DictionaryApi, tmp_path: Path) -> None:
    """The whole object comes again, and it is as it should be."""
    for writes in (1, 1):
        for each in lab(api, tmp_path):
            assert each.send("GET", f"{CONFIGS}/dex")[0] == 404
            assert each.send("POST", CONFIGS, CONFIG)[0] == 201
            assert each.recorded() == [CONFIG]
        assert len(api.writes) == writes
    changed = {**CONFIG, "data": {"image": "gcr.io/a:2"}}
    for each in lab(api, tmp_path):
        assert each.send("POST", CONFIGS, changed)[1]["data"] == {"image": "lab/a:2"}
    assert len(api.writes) == 2


def test_one_that_comes_twice_is_written_once(api: DictionaryApi, tmp_path: Path) -> None:
    """Once a whole run is recorded, only the last of those of one name counts."""
    other = {**CONFIG, "data": {"image": "gcr.io/b:1"}}
    lines: tuple[str, ...] = ()
    for writes in (2, 2):
        for each in lab(api, tmp_path, earlier=lines):
            for found in (CONFIG, CONFIG, other):
                assert each.send("POST", CONFIGS, found)[0] == 201
            assert each.recorded() == [CONFIG, other]
            assert each.record.count == 1
        lines = tuple((tmp_path / "objects.jsonl").read_text().splitlines())
        assert len(api.writes) == writes
        assert api.objects[f"{CONFIGS}/dex"]["data"] == {"image": "lab/b:1"}


def test_namespaces_keep_the_labels_of_all_who_bring_them(one: Lab) -> None:
    """Several components do."""
    for label in ("a", "b"):
        metadata = {"name": "kubeflow", "labels": {label: "1"}}
        found = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        live = one.send("POST", "/api/v1/namespaces", found)[1]
    assert live["metadata"]["labels"] == {**OURS, "a": "1", "b": "1"}
    assert one.recorded()[-1]["metadata"]["labels"] == {"a": "1", "b": "1"}


def test_what_others_made_stays(one: Lab) -> None:
    """It is not seen, refused with a 409, and named."""
    one.api.put(f"{CONFIGS}/dex", CONFIG)
    assert one.send("GET", f"{CONFIGS}/dex")[0] == 404
    status, told = one.send("POST", CONFIGS, {**CONFIG, "data": {"image": "gcr.io/a:9"}})

    assert (status, told["reason"]) == (409, "AlreadyExists")
    patch = {"metadata": {"labels": {"a": "b"}}}
    assert one.send("PATCH", f"{CONFIGS}/dex", patch)[0] == 409
    assert one.record.foreign == ["ConfigMap kubeflow/dex"]
    assert (one.api.writes, one.recorded()) == ([], [])


def test_what_others_made_can_be_taken_over(api: DictionaryApi, tmp_path: Path) -> None:
    """Where that is wanted, kfctl does not see it either."""
    api.put(f"{CONFIGS}/dex", {**CONFIG, "data": {"image": "old", "more": "kept"}})
    for each in lab(api, tmp_path, adopt=True):
        assert each.send("GET", f"{CONFIGS}/dex")[0] == 404
        live = each.send("POST", CONFIGS, CONFIG)[1]
        assert live["data"] == {"image": "lab/a:1", "more": "kept"}
        assert each.record.foreign == []


def test_changes(one: Lab) -> None:
    """What kubectl copies into a change counts; other changes of ours are as if done."""
    one.send("POST", CONFIGS, CONFIG)
    wanted = {**CONFIG, "data": {"image": "gcr.io/a:2"}}
    patch = {"metadata": {"annotations": {LAST_APPLIED: json.dumps(wanted)}}, "data": None}
    status, live = one.send("PATCH", f"{CONFIGS}/dex", patch)
    assert (status, live["data"]) == (200, {"image": "lab/a:2"})
    writes = list(one.api.writes)

    for method, body in (("PATCH", {"data": {"image": "x"}}), ("PUT", CONFIG), ("PATCH", [])):
        assert one.send(method, f"{CONFIGS}/dex", body) == (200, live)
    assert one.api.writes == writes
    assert one.send("PATCH", f"{CONFIGS}/other", {"data": {}})[0] == 404
    assert one.recorded() == [CONFIG, wanted]


def test_withheld_objects_are_only_said_to_be_made(one: Lab) -> None:
    """The certificate is somebody else's part."""
    path = "/api/v1/namespaces/istio-system/secrets"
    status, live = one.send("POST", path, SECRET)
    assert (status, live["metadata"]["namespace"]) == (201, "istio-system")
    assert (one.api.writes, one.recorded()) == ([], [])


def test_nobody_waits_for_controllers(one: Lab) -> None:
    """A namespace that a controller makes is there once its Profile is, and not before."""
    one.api.put("/api/v1/namespaces/kubeflow-jo", {"metadata": {"name": "kubeflow-jo"}})
    assert one.send("GET", "/api/v1/namespaces/kubeflow-jo")[0] == 404
    metadata = {"name": "kubeflow-jo", "creationTimestamp": None}
    made = {"apiVersion": "kubeflow.org/v1alpha1", "kind": "Profile", "metadata": metadata}
    assert one.send("POST", "/apis/kubeflow.org/v1alpha1/profiles", made)[0] == 201
    assert one.send("GET", "/api/v1/namespaces/kubeflow-jo")[0] == 200
    assert one.send("GET", "/api/v1/namespaces/anonymous")[1]["status"] == {"phase": "Active"}


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
def test_nothing_else_is_written(one: Lab, method: str, path: str, body: Any, status: int) -> None:
    """What is no object to make does not reach the server."""
    assert one.send(method, path, body)[0] == status
    assert one.api.seen == []


def test_bodies_that_are_not_json(one: Lab) -> None:
    """They are refused."""
    link = http.client.HTTPConnection(urlsplit(one.proxy.url).netloc, timeout=20)
    link.request("POST", f"/{one.proxy.secret}{CONFIGS}", b"k8s\x00\xff")
    assert link.getresponse().status == 415
    link.close()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ((422, "Invalid"), (422, "Invalid")),
        ((503, "ServiceUnavailable"), (503, "ServiceUnavailable")),
        # kfctl 0.6 goes on after any 409.
        ((409, "Conflict"), (503, "Conflict")),
    ],
)
def test_refusals_come_back(one: Lab, fault: tuple[int, str], told: tuple[int, str]) -> None:
    """As the API server's own, and nothing is recorded."""
    one.api.faults[f"POST {CONFIGS}"] = fault
    status, document = one.send("POST", CONFIGS, CONFIG)
    assert (status, document["reason"]) == told
    assert (document["kind"], document["code"]) == ("Status", status)
    assert one.recorded() == []


def test_reads_go_through(one: Lab) -> None:
    """With our credentials, piece by piece where the server sends pieces; reviews too."""
    assert one.send("GET", "/version") == (200, {"major": "1", "minor": "20"})
    assert one.send("GET", "/in-pieces") == (200, b"one two three")
    reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert one.send("POST", reviews, {"metadata": {"name": "a"}})[0] == 201
    assert one.send("GET", "/api/v1/namespaces/a/pods?watch=1")[0] == 404


def test_one_connection_serves_many_requests(one: Lab) -> None:
    """Connections of kfctl are kept, and the proxy's too."""
    link = http.client.HTTPConnection(urlsplit(one.proxy.url).netloc, timeout=20)
    for path in ("/in-pieces", "/version", "/api/v1"):
        link.request("GET", f"/{one.proxy.secret}{path}")
        answer = link.getresponse()
        assert (answer.status, len(answer.read()) > 5) == (200, True)
    link.close()


@pytest.mark.parametrize("secret", ["", "wrong", "w\u00f6rng"])
def test_only_who_knows_the_path_is_let_in(one: Lab, secret: str) -> None:
    """Others on the machine reach no API."""
    secret = secret.encode("ascii", "ignore").decode()
    status, told = one.send("GET", "/version", secret=secret)
    assert (status, told["reason"]) == (401, "Unauthorized")
    assert one.api.seen == []


def test_sources_are_served(one: Lab) -> None:
    """To kfctl, which asks for them without credentials, by HEAD first."""
    for method, body in (("HEAD", b""), ("GET", b"\x1f\x8b archive")):
        link = http.client.HTTPConnection(urlsplit(one.proxy.url).netloc, timeout=20)
        link.request(method, "/sources/manifests.tar.gz?archive=tar.gz".partition("?")[0])
        answer = link.getresponse()
        assert (answer.status, answer.headers["Content-Length"]) == (200, "10")
        assert answer.read() == body
        link.close()


def test_a_server_that_is_gone(one: Lab) -> None:
    """It is said without a word of who we are."""
    one.api.__exit__()
    for method, path, body in (("GET", "/version", None), ("POST", CONFIGS, CONFIG)):
        status, told = one.send(method, path, body)
        assert (status, told["kind"]) == (503, "Status")
        assert "the API cannot be reached" in told["message"]
        assert "token" not in json.dumps(told)
