"""Data of others that is damaged is read, left out, or named; no hook ends with a traceback."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.damage import damaged, damaged_texts, refusals
from helpers.fake_apis.memory_api import MemoryApi
from helpers.raw_server import ANSWER, BROKEN, RawServer, raw_server
from kubeflow_installer.ingress import https_client, tls
from kubeflow_installer.ingress.forms import excerpt, forms
from kubeflow_installer.ingress.https_client import HttpsClient, HttpsError, Page
from kubeflow_installer.ingress.tls import CertificateError
from kubeflow_installer.jobs import launcher, workdir
from kubeflow_installer.kfctl.requests import LAST_APPLIED, last_applied
from kubeflow_installer.state.snapshot import Snapshot
from labcharm.json_types import JsonObject
from labcharm.machine import Machine
from labkube.apply.objects import Objects

PAGE = """\
<!DOCTYPE html><html><head><title>t</title><style>a</style></head>
<body><form method="post" action="/dex/auth/local?req=a&amp;b=1">
<input type="text" name="login"><input type="password" name="password" value="x"></form>
<p>Welcome &amp; hello</p></body></html>
"""
CONFIG_MAP: JsonObject = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "c", "namespace": "n"},
    "data": {"key": "text" * 50},
}


def test_damaged_page_has_forms_or_is_an_error() -> None:
    def read(text: str) -> None:
        page = Page("https://kubeflow.lab/start", 200, "", text)
        excerpt(page)
        forms(page)

    invalid = PAGE.replace('action="/', 'action="http://[')
    messages = refusals(read, [invalid, *damaged_texts(PAGE)], HttpsError)
    assert set(messages) == {"https://kubeflow.lab/start leads to an invalid URL"}


@pytest.fixture
def server() -> Iterator[RawServer]:
    """Run a server that answers anything."""
    with raw_server() as server:
        yield server


class PlainClient(HttpsClient):
    """A client without TLS, which would refuse most of what the server answers."""

    def __init__(self, port: int) -> None:
        self.host = self._address = "127.0.0.1"
        super().__init__(f"https://127.0.0.1:{port}", "", "", (port,))


def test_answer_of_any_program_is_a_page_or_an_error(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the gateway should be, any program may answer."""
    monkeypatch.setattr(https_client, "_tls_context", lambda _: _NoTls())
    redirect = ANSWER.replace(
        b"200 OK", b"302 Found\r\nSet-Cookie: a=b; path=/\r\nLocation: https://127.0.0.1/x"
    )
    refused = 0
    for answer in [*BROKEN, *damaged(redirect, 200)]:
        server.answer = answer
        try:
            PlainClient(server.port).get(f"https://127.0.0.1:{server.port}/")
        except HttpsError:
            refused += 1
    assert refused > 50


class _NoTls:
    def wrap_socket(self, plain: Any, server_hostname: str) -> Any:
        del server_hostname
        return plain

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


class Openssl(Machine):
    """A machine whose openssl prints one output."""

    def __init__(self, output: str) -> None:
        super().__init__()
        self._output = output

    def check(self, command: list[str], timeout: float = 600.0) -> str:
        """Print it."""
        del command, timeout
        return self._output


@pytest.mark.parametrize("end", ["Xyz 31 10:00:00 2026 GMT", "soon", "Jan 1 00:00:00 99999 GMT"])
def test_certificate_that_expires_at_no_date_is_an_error(end: str) -> None:
    """The library has an error of its own for it."""
    with pytest.raises(CertificateError, match=f"^the certificate expires at no date: {end}$"):
        tls.read(Openssl(f"        Not After : {end}\n"), "PEM")


def test_damaged_request_of_kfctl_holds_an_object_or_none() -> None:
    manifest = json.dumps(CONFIG_MAP)
    document = json.dumps({"metadata": {"annotations": {LAST_APPLIED: manifest}}})
    for text in damaged_texts(document):
        try:
            change = json.loads(text)
        except (ValueError, RecursionError):
            continue
        assert last_applied(change) is None or isinstance(last_applied(change), dict)
    assert last_applied({"metadata": {"annotations": {LAST_APPLIED: "[" * 100_000}}}) is None
    assert last_applied({"metadata": {"annotations": ["a"]}}) is None


def test_damaged_snapshot_counts_as_none() -> None:
    """Whoever may write Secrets in kube-system may damage it; the objects are built again."""
    api: Any = MemoryApi((1, 30))
    snapshot = Snapshot(api, Objects(api, "kf", "kubeflow-installer", ()), "objects")
    snapshot.write([CONFIG_MAP])
    (live,) = [entry for entry in api.objects.values() if entry["kind"] == "Secret"]
    sound = dict(live["data"])
    for key in sound:
        for copy in damaged(base64.b64decode(sound[key]), 100):
            live["data"] = dict(sound, **{key: base64.b64encode(copy).decode()})
            assert snapshot.read() in (None, [CONFIG_MAP])
        for text in damaged_texts(sound[key], 100):
            live["data"] = dict(sound, **{key: text})
            assert snapshot.read() in (None, [CONFIG_MAP])


def test_damaged_files_of_a_job_count_as_none(tmp_path: Path) -> None:
    """A machine may lose power while they are written."""
    directory = str(tmp_path)
    progress = {"since": 1.5, "step": "apply", "pid": 1}
    result = dict(workdir.FAILED, ok=True, objects=1)
    for name, content in ((workdir.PROGRESS, progress), (workdir.RESULT, result)):
        for copy in damaged(json.dumps(content).encode()):
            (tmp_path / name).write_bytes(copy)
            launcher.read_state(directory)
        (tmp_path / name).unlink()
