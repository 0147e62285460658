"""The client's requests, as a server gets them, and what the client makes of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from labkube.client.access import Access
from labkube.client.api import APPLY, JSON, MERGE, Api, ApiError, UnknownKindError

CORE = {
    "resources": [
        {
            "name": "configmaps",
            "kind": "ConfigMap",
            "namespaced": True,
            "verbs": ["list", "delete"],
        },
        {"name": "namespaces", "kind": "Namespace", "namespaced": False, "verbs": ["list"]},
        {"name": "pods/log", "kind": "Pod", "namespaced": True, "verbs": ["list", "delete"]},
    ]
}
POOLS = {
    "resources": [
        {"name": "pools", "kind": "Pool", "namespaced": False, "verbs": ["list", "delete", "get"]}
    ]
}
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}


class Answers:
    """The connection of a client, with the answers that it gets.

    Args:
        answers: Documents or errors by method and path. The last one of several is repeated.

    Attributes:
        sent: Method, path, body, content type and query of each request but those of discovery.
    """

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = {"GET /api/v1": CORE, "GET /apis/lab/v1": POOLS, **answers}
        self.sent: list[tuple[str, str, Any, str, dict[str, str]]] = []
        self.discoveries: list[str] = []

    def send(self, method: str, path: str, body: Any, content: str, query: Any) -> Any:
        """Return the next answer."""
        if method == "GET" and path in ("/api/v1", "/apis/lab/v1"):
            self.discoveries.append(path)
        else:
            self.sent.append((method, path, body, content, dict(query or {})))
        answer = self._answers[f"{method} {path}"]
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(answers: dict[str, Any], **settings: Any) -> tuple[Api, Answers]:
    """Return a client and its connection."""
    api = Api(Access("https://127.0.0.1:9", "no certificate", "token"), **settings)
    api.close()
    connection = Answers(answers)
    api._connection = connection  # type: ignore[assignment]
    return api, connection


MISSING = ApiError(404, "NotFound", "no such object")
REFUSED = ApiError(403, "Forbidden", "not you")
LATER = ApiError(503, "ServiceUnavailable", "later")


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ({"major": "1", "minor": "28"}, (1, 28)),
        ({"major": "1", "minor": "12+"}, (1, 12)),
        ({"major": "2", "minor": "0-beta"}, (2, 0)),
    ],
)
def test_version_is_asked_once(answer: dict[str, str], version: tuple[int, int]) -> None:
    api, connection = client({"GET /version": answer})

    assert (api.version(), api.version()) == (version, version)
    assert len(connection.sent) == 1


@pytest.mark.parametrize("answer", [{"major": "1"}, {"major": "1", "minor": "x"}, {}])
def test_answer_without_a_version_is_an_error(answer: dict[str, str]) -> None:
    api, _ = client({"GET /version": answer})

    with pytest.raises(ApiError) as raised:
        api.version()
    assert (raised.value.status, raised.value.reason) == (0, "NoVersion")
    assert "the server does not report its version" in str(raised.value)


def test_paths_have_the_group_the_namespace_and_the_plural() -> None:
    api, connection = client({})

    assert api.path_of(CONFIG_MAP) == "/api/v1/namespaces/n/configmaps/c"
    assert api.path_of(CONFIG_MAP, with_name=False) == "/api/v1/namespaces/n/configmaps"
    without = {**CONFIG_MAP, "metadata": {"name": "c"}}
    assert api.path_of(without) == "/api/v1/namespaces/default/configmaps/c"
    assert api.path_of(NAMESPACE) == "/api/v1/namespaces/n"
    pool = {"apiVersion": "lab/v1", "kind": "Pool", "metadata": {"name": "p"}}
    assert api.path_of(pool) == "/apis/lab/v1/pools/p"
    assert connection.discoveries == ["/api/v1", "/apis/lab/v1"]


def test_kind_that_a_server_lacks_is_discovered_again() -> None:
    api, connection = client({"GET /apis/other/v1": MISSING})

    assert api.has("v1", "ConfigMap")
    assert not api.has("v1", "Pod")  # only its log is listed
    assert not api.has("other/v1", "Thing")
    with pytest.raises(UnknownKindError, match=r"^the server has no Thing of other/v1$"):
        api.kind("other/v1", "Thing")
    assert connection.discoveries == ["/api/v1", "/api/v1"]


def test_failed_discovery_is_an_error() -> None:
    api, _ = client({"GET /apis/other/v1": REFUSED})

    with pytest.raises(ApiError) as raised:
        api.has("other/v1", "Thing")
    assert raised.value is REFUSED


@pytest.mark.parametrize(
    ("answer", "is_served"),
    [
        (MISSING, True),
        (ApiError(404, "", "404 page not found"), False),
        (REFUSED, True),
        ({"items": []}, True),
    ],
)
def test_kind_is_served_when_its_objects_can_be_asked_for(answer: Any, is_served: bool) -> None:
    """The handler of a new kind gives 404 a reason."""
    api, _ = client({"GET /apis/lab/v1/pools/nobody": answer})

    assert api.serves("lab/v1", "Pool") is is_served


def test_kinds_are_those_that_can_be_listed_and_deleted() -> None:
    """A group whose server does not answer is left out."""
    groups = [
        {"preferredVersion": {"groupVersion": version}}
        for version in ("lab/v1", "dead/v1", "gone/v1")
    ]
    answers = {"GET /apis": {"groups": groups}, "GET /apis/dead/v1": LATER}
    api, _ = client({**answers, "GET /apis/gone/v1": MISSING})

    assert api.kinds() == [("v1", "ConfigMap"), ("lab/v1", "Pool")]
    api, _ = client({**answers, "GET /apis/gone/v1": REFUSED})
    with pytest.raises(ApiError) as raised:
        api.kinds()
    assert raised.value is REFUSED


def test_object_that_does_not_exist_is_none() -> None:
    path = "GET /api/v1/namespaces/n/configmaps/c"

    assert client({path: {"a": 1}})[0].get(CONFIG_MAP) == {"a": 1}
    assert client({path: MISSING})[0].get(CONFIG_MAP) is None
    assert client({})[0].get({**CONFIG_MAP, "kind": "Thing"}) is None
    with pytest.raises(ApiError) as raised:
        client({path: REFUSED})[0].get(CONFIG_MAP)
    assert raised.value is REFUSED


def test_lists_are_read_page_by_page() -> None:
    """The entries of a list have no kind of their own."""
    first = {"items": [{"metadata": {"name": "a"}}], "metadata": {"continue": "next"}}
    last = {"items": [{"metadata": {"name": "b"}}], "metadata": {}}
    api, connection = client({"GET /api/v1/configmaps": [first, last]})

    assert api.list("v1", "ConfigMap", "app=x") == [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}},
    ]
    query = {"labelSelector": "app=x", "limit": "500"}
    assert [request[4] for request in connection.sent] == [query, {**query, "continue": "next"}]


def test_list_without_a_selector_asks_for_all_objects() -> None:
    api, connection = client({"GET /api/v1/configmaps": {"items": []}})

    assert api.list("v1", "ConfigMap") == []
    assert [request[4] for request in connection.sent] == [{"limit": "500"}]


def test_list_of_one_namespace_needs_no_rights_in_others() -> None:
    """A kind outside of namespaces is listed as a whole."""
    paths = ("GET /api/v1/namespaces/n/configmaps", "GET /api/v1/namespaces")
    api, connection = client({path: {"items": []} for path in paths})

    assert api.list("v1", "ConfigMap", namespace="n") == []
    assert api.list("v1", "Namespace", namespace="n") == []
    assert len(connection.sent) == len(paths)


def test_list_of_a_deleted_kind_is_an_unknown_kind() -> None:
    """It is discovered anew when it is used again."""
    api, connection = client({"GET /apis/lab/v1/pools": MISSING})

    with pytest.raises(UnknownKindError, match=r"^the server no longer has Pool$"):
        api.list("lab/v1", "Pool")
    assert api.has("lab/v1", "Pool")
    assert connection.discoveries == ["/apis/lab/v1", "/apis/lab/v1"]
    with pytest.raises(ApiError) as raised:
        client({"GET /apis/lab/v1/pools": REFUSED})[0].list("lab/v1", "Pool")
    assert raised.value is REFUSED


def test_requests_that_write_have_their_methods_and_content_types() -> None:
    path = "/api/v1/namespaces/n/configmaps"
    methods = (f"POST {path}", f"PATCH {path}/c", f"PUT {path}/c", f"DELETE {path}/c")
    api, connection = client({method: {"answer": method} for method in methods})

    assert api.create(CONFIG_MAP) == {"answer": methods[0]}
    assert api.patch(CONFIG_MAP, {"data": {"a": None}}) == {"answer": methods[1]}
    assert api.apply(CONFIG_MAP, "lab") == {"answer": methods[1]}
    assert api.replace(CONFIG_MAP) == {"answer": methods[2]}
    assert api.delete(CONFIG_MAP) is True
    assert connection.sent == [
        ("POST", path, CONFIG_MAP, JSON, {}),
        ("PATCH", f"{path}/c", {"data": {"a": None}}, MERGE, {}),
        ("PATCH", f"{path}/c", CONFIG_MAP, APPLY, {"fieldManager": "lab", "force": "true"}),
        ("PUT", f"{path}/c", CONFIG_MAP, JSON, {}),
        ("DELETE", f"{path}/c", {"propagationPolicy": "Background"}, JSON, {}),
    ]
    assert (JSON, MERGE) == ("application/json", "application/merge-patch+json")
    assert APPLY == "application/apply-patch+yaml"


def test_deletion_of_a_missing_object_says_so() -> None:
    path = "DELETE /api/v1/namespaces/n/configmaps/c"

    assert client({path: MISSING})[0].delete(CONFIG_MAP) is False
    assert client({})[0].delete({**CONFIG_MAP, "kind": "Thing"}) is False
    with pytest.raises(ApiError) as raised:
        client({path: REFUSED})[0].delete(CONFIG_MAP)
    assert raised.value is REFUSED


def test_request_is_repeated_with_longer_pauses_while_the_server_answers_later() -> None:
    pauses: list[float] = []
    api, connection = client({"GET /x": [LATER] * 6 + [{"a": 1}]}, sleep=pauses.append)

    assert api.request("GET", "/x") == {"a": 1}
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.0, 3.0]
    assert len(connection.sent) == 7


@pytest.mark.parametrize("patience", [0.1, 0.0])
def test_patience_ends(patience: float) -> None:
    pauses: list[float] = []
    api, connection = client({"GET /x": LATER}, patience=patience, sleep=pauses.append)

    with pytest.raises(ApiError) as raised:
        api.request("GET", "/x")
    assert raised.value is LATER
    assert (pauses, len(connection.sent)) == ([], 1)


@pytest.mark.parametrize(
    "error",
    [REFUSED, ApiError(500, "InternalError", 'failed calling webhook "x": no answer')],
    ids=["refused", "webhook"],
)
def test_final_error_is_not_repeated(error: ApiError) -> None:
    """A webhook without a server stays without one until the charm goes on."""
    pauses: list[float] = []
    api, _ = client({"GET /x": error}, sleep=pauses.append)

    with pytest.raises(ApiError) as raised:
        api.request("GET", "/x")
    assert raised.value is error
    assert pauses == []
