"""Requests over TLS, and the errors that they end with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from helpers.fake_apis.http_api import DictionaryApi
from helpers.fake_apis.scripted_api import ScriptedApi
from labcharm.status import status_of
from labkube.client.access import Access
from labkube.client.api import MERGE, ApiError
from labkube.client.connection import Connection

NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DictionaryApi]:
    """Run an API server."""
    with DictionaryApi(tmp_path_factory.mktemp("server")) as api:
        yield api


@pytest.fixture
def connection(server: DictionaryApi) -> Iterator[Connection]:
    """Return a connection of the administrator."""
    connection = Connection(server.access)
    yield connection
    connection.close()


def test_requests_are_counted_by_their_kind(connection: Connection) -> None:
    created = connection.send("POST", "/api/v1/namespaces", NAMESPACE)
    changed = connection.send(
        "PATCH", "/api/v1/namespaces/n", {"metadata": {"labels": {"a": "b"}}}, MERGE
    )
    read = connection.send("GET", "/api/v1/namespaces/n", query={"x": "y"})

    assert created["metadata"]["name"] == "n"
    assert changed["metadata"]["labels"] == {"a": "b"}
    assert read == changed
    assert (connection.reads, connection.writes) == (1, 2)


def test_error_of_the_server_has_its_status_reason_and_message(connection: Connection) -> None:
    with pytest.raises(ApiError) as raised:
        connection.send("GET", "/api/v1/namespaces/absent")
    assert (raised.value.status, raised.value.reason) == (404, "NotFound")
    assert "no /api/v1/namespaces/absent" in str(raised.value)
    assert not raised.value.is_temporary


def test_credentials_of_nobody_are_refused(server: DictionaryApi) -> None:
    connection = Connection(Access(server.access.url, server.access.ca, "another"))
    try:
        with pytest.raises(ApiError) as raised:
            connection.send("GET", "/version")
    finally:
        connection.close()
    assert raised.value.status == 401
    assert "another" not in str(raised.value)


@pytest.mark.parametrize(
    ("is_option", "status"),
    [
        (True, "blocked: option kubeconfig: the API refuses the credentials; set a kubeconfig with"
               " valid ones"),
        (False, "waiting: the API refuses our credentials (who are you)"),
    ],
)  # fmt: skip
def test_refused_credentials_block_where_the_administrator_set_them(
    server: DictionaryApi, is_option: bool, status: str
) -> None:
    """Those of a relation are renewed by the control plane."""
    access = Access(server.access.url, server.access.ca, "another", is_option=is_option)
    connection = Connection(access)
    try:
        with pytest.raises(ApiError) as raised:
            connection.send("GET", "/version")
    finally:
        connection.close()
    unit_status = status_of(raised.value)
    assert f"{unit_status.name}: {unit_status.message}" == status


def test_server_of_another_authority_is_not_trusted(server: DictionaryApi, tmp_path: Path) -> None:
    """TLS is always verified."""
    with DictionaryApi(tmp_path) as other:
        connection = Connection(Access(server.access.url, other.access.ca, server.access.token))
        try:
            with pytest.raises(ApiError) as raised:
                connection.send("GET", "/version")
        finally:
            connection.close()
    assert raised.value.status == 0
    assert "certificate" in str(raised.value).lower()
    assert f"GET /version {other.access.url}" not in server.requests


def test_server_that_is_not_reached_is_a_temporary_error() -> None:
    connection = Connection(Access("https://127.0.0.1:1", "", "token"))
    try:
        with pytest.raises(ApiError) as raised:
            connection.send("GET", "/version")
    finally:
        connection.close()
    assert raised.value.status == 0
    assert raised.value.is_temporary


def test_path_of_the_servers_url_comes_first(server: DictionaryApi) -> None:
    """Rancher and others serve several clusters at one address."""
    access = Access(f"{server.access.url}/clusters/c1/", server.access.ca, server.access.token)
    with closing(Connection(access)) as connection, pytest.raises(ApiError):
        connection.send("GET", "/version")

    assert server.requests[-1] == "GET /clusters/c1/version"


def test_connection_is_kept_open_and_replaced_after_the_server_closed_it(tmp_path: Path) -> None:
    """A server that restarts, or that has waited long enough, closes it between two requests."""
    with ScriptedApi(tmp_path / "api", {"/version": lambda _: (200, {"major": "1"})}) as server:
        access = Access(server.url, server.ca, "token")
        with closing(Connection(access)) as connection:
            answers = [connection.send("GET", "/version") for _ in range(3)]

    assert answers == [{"major": "1"}] * 3


@pytest.mark.parametrize("ca", ["", "no certificate"])
def test_authority_that_is_no_certificate_is_an_error(server: DictionaryApi, ca: str) -> None:
    """The authorities of the machine are not trusted in its place."""
    access = Access(server.access.url, ca, "token")
    with (
        closing(Connection(access)) as connection,
        pytest.raises(ApiError, match=r"^the API cannot be reached: ") as raised,
    ):
        connection.send("GET", "/version")
    assert raised.value.status == 0
