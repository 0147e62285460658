"""What answers in the API's place may be any program; every answer ends in an ApiError."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.damage import damaged, damaged_texts, refusals
from helpers.fake_apis.http_api import DictionaryApi
from helpers.raw_server import ANSWER, BROKEN, CHUNKED, RawServer, raw_server
from labcharm.errors import BlockedError
from labcharm.json_types import JsonObject
from labcharm.status import status_of
from labkube.client.access import Access, IncompleteAccessError, read_access
from labkube.client.api import Api, ApiError
from labkube.client.connection import Connection

RESOURCES = {
    "kind": "APIResourceList",
    "resources": [
        {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["list", "delete"]},
        {"name": "pods/log", "kind": "Pod", "namespaced": True},
    ],
}
ITEMS = {"kind": "PodList", "metadata": {}, "items": [{"metadata": {"name": "p"}, "spec": {}}]}
GROUPS = {"groups": [{"name": "x", "preferredVersion": {"groupVersion": "x/v1"}}]}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory with the certificate and the key of a server."""
    directory = tmp_path_factory.mktemp("certificate")
    with DictionaryApi(directory):
        return directory


@pytest.fixture
def server(certificate: Path) -> Iterator[RawServer]:
    """Run a server that answers anything, over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "crt", certificate / "key")
    with raw_server(context) as server:
        yield server


@pytest.fixture
def access(server: RawServer, certificate: Path) -> Access:
    """Return access to it."""
    return Access(f"https://127.0.0.1:{server.port}", (certificate / "crt").read_text(), "token")


@pytest.fixture
def connection(access: Access) -> Iterator[Connection]:
    """Return a connection to it."""
    connection = Connection(access)
    yield connection
    connection.close()


@pytest.mark.parametrize("answer", BROKEN)
def test_answer_that_is_not_http_is_a_temporary_error(
    server: RawServer, connection: Connection, answer: bytes
) -> None:
    server.answer = answer
    with pytest.raises(ApiError) as raised:
        connection.send("GET", "/version")

    assert raised.value.is_temporary
    assert status_of(raised.value).name == "waiting"


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"[]", b"", b"[" * 100_000])
def test_answer_without_a_json_object_is_an_error(
    server: RawServer, connection: Connection, body: bytes
) -> None:
    """It once counted as an empty object: a page of a proxy was a server without any kinds."""
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

    with pytest.raises(ApiError, match=r"^the API answers 200 without a JSON object$"):
        connection.send("GET", "/api/v1")


def test_damaged_answer_is_read_or_an_error(server: RawServer, connection: Connection) -> None:
    def send(answer: bytes) -> None:
        server.answer = answer
        connection.send("GET", "/api/v1/namespaces/n")

    answers = [*damaged(ANSWER, 120), *damaged(CHUNKED, 120)]
    assert len(refusals(send, answers, ApiError)) > 100


class ScriptedApi(Api):
    """An API whose answers are given; by default none is found."""

    def __init__(self, answers: dict[str, JsonObject]) -> None:
        super().__init__(Access("https://127.0.0.1:1", "", "token"), patience=0)
        self.answers = answers

    def _send(self, method: str, path: str, *_: object) -> JsonObject:  # type: ignore[override]
        if path not in self.answers:
            raise ApiError(404, "NotFound", path)
        return self.answers[path]


@pytest.mark.parametrize(
    ("path", "answer"), [("/api/v1", RESOURCES), ("/api/v1/pods", ITEMS), ("/apis", GROUPS)]
)
def test_answer_of_another_form_is_an_error_with_its_path(path: str, answer: JsonObject) -> None:
    """The server of an APIService may be any program."""
    api = ScriptedApi({"/api/v1": RESOURCES, "/api/v1/pods": ITEMS, "/apis": GROUPS})
    messages = []
    for text in damaged_texts(json.dumps(answer)):
        try:
            api.answers[path] = dict(json.loads(text))
        except (ValueError, TypeError, RecursionError):
            continue
        api._resources.clear()
        for call in (lambda: api.list("v1", "Pod"), api.kinds):
            try:
                call()
            except ApiError as error:
                messages.append(str(error))
    api.close()
    assert any(f"for {path} does not have the expected form" in text for text in messages)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"ca": "no PEM"}, "its CA, certificate or key is damaged; correct it"),
        ({"certificate": "x", "key": "y"}, "its CA, certificate or key is damaged; correct it"),
        ({"ca": "other"}, "its CA did not sign the API's certificate, or for another name;"
                          " correct it"),
        ({"url": "localhost"}, "its CA did not sign the API's certificate, or for another name;"
                               " correct it"),
    ],
)  # fmt: skip
def test_kubeconfig_that_does_not_fit_the_server_blocks(
    tmp_path_factory: pytest.TempPathFactory, change: dict[str, str], status: str
) -> None:
    """Waiting does not help; the same fault of a relation may pass."""
    with (
        DictionaryApi(tmp_path_factory.mktemp("a")) as api,
        DictionaryApi(tmp_path_factory.mktemp("b")) as other,
    ):
        fields = dict(vars(api.access), **change)
        if change.get("ca") == "other":
            fields["ca"] = other.access.ca
        if change.get("url"):
            fields["url"] = api.access.url.replace("127.0.0.1", change["url"])
        errors = []
        for is_option in (True, False):
            connection = Connection(Access(**dict(fields, is_option=is_option)))
            with pytest.raises(ApiError) as raised:
                connection.send("GET", "/version")
            connection.close()
            errors.append(raised.value)

    statuses = [status_of(error) for error in errors]
    assert statuses[0].message == f"option kubeconfig: {status}"
    assert [unit_status.name for unit_status in statuses] == ["blocked", "waiting"]
    assert not errors[0].is_temporary


@pytest.mark.parametrize(
    ("message", "is_blocked"),
    [
        ('nodes is forbidden: User "bob" cannot list resource "nodes" in API group ""', True),
        ('pods "x" is forbidden: exceeded quota: q', False),
    ],
)
def test_user_of_the_kubeconfig_without_a_permission_blocks(
    server: RawServer, access: Access, message: str, is_blocked: bool
) -> None:
    """Admission plugins answer 403 too, and what they refuse may pass."""
    body = json.dumps({"kind": "Status", "reason": "Forbidden", "message": message}).encode()
    server.answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    access.is_option = True
    connection = Connection(access)
    with pytest.raises(ApiError) as raised:
        connection.send("GET", "/api/v1/nodes")
    connection.close()

    assert isinstance(raised.value, BlockedError) == is_blocked
    assert raised.value.status == 403
    assert message in str(raised.value)


@pytest.mark.parametrize("token", ["to\nken", "t\u20ac", "t\ud800"])
def test_token_that_http_cannot_carry_is_not_shown(access: Access, token: str) -> None:
    """http.client quotes the whole header in its error."""
    access.token = token
    connection = Connection(access)
    with pytest.raises(ApiError, match=r"characters that HTTP does not allow$") as raised:
        connection.send("GET", "/version")
    connection.close()
    assert token not in str(raised.value)


def test_damaged_relation_data_is_read_or_incomplete() -> None:
    """Whatever another charm publishes, the hook ends in a status."""
    control_plane = {
        "creds": json.dumps({"lab/0": {"client_token": "t", "secret-id": "secret:a"}}),
        "api-endpoints": json.dumps(["https://10.0.0.1:6443"]),
        "ca-certificate-secret-id": "secret:b",
    }
    incomplete = 0
    for key, text in control_plane.items():
        for copy in damaged_texts(text):
            try:
                read_access("lab/0", [dict(control_plane, **{key: copy})], None, None, _secret)
            except IncompleteAccessError:
                incomplete += 1
    assert incomplete > 200


def _secret(secret_id: str) -> dict[str, str]:
    secrets = {
        "secret:a": {"client-token": "t"},
        "secret:b": {"ca-certificate": "-----BEGIN CERTIFICATE-----\n"},
    }
    return secrets[secret_id]
