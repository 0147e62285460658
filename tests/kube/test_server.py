"""The tests' API server is a real one: its version, rules, TLS, start and stop."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from helpers.kube import builds
from helpers.kube.api_server import POWERLESS, ApiServer, KubectlError
from helpers.kube.builds import UnavailableError


def config_map(namespace: str, **entries: str) -> str:
    """Return a List of a namespace and a ConfigMap in it, as JSON."""
    meta = {"name": namespace}
    settings = {"name": "settings", "namespace": namespace}
    items = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": meta},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": settings, "data": entries},
    ]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items})


def get(server: ApiServer, path: str, token: str, trust: ssl.SSLContext) -> tuple[int, Any]:
    """Send a GET request and return the status and the JSON of the answer."""
    link = http.client.HTTPSConnection(urlsplit(server.url).netloc, timeout=10, context=trust)
    try:
        link.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = link.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        link.close()


def eventually(ask: Callable[[], str]) -> str:
    """Repeat a request until it is allowed: rules take effect a moment after they are stored."""
    end = time.monotonic() + 10
    while True:
        try:
            return ask()
        except KubectlError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def is_alive(pid: int) -> bool:
    """Return whether a process exists."""
    return Path(f"/proc/{pid}").exists()


def test_client_and_server_are_of_the_release(server: ApiServer) -> None:
    versions = json.loads(server.kubectl("version", "-o", "json"))
    releases = {side: versions[side]["gitVersion"] for side in ("clientVersion", "serverVersion")}
    assert releases == {"clientVersion": "v1.20.2", "serverVersion": "v1.20.2"}


def test_server_serves_the_groups_of_the_release(server: ApiServer) -> None:
    served = server.kubectl("api-versions").split()
    assert {"apps/v1", "policy/v1beta1", "rbac.authorization.k8s.io/v1"} <= set(served)
    assert "flowcontrol.apiserver.k8s.io/v1beta1" in served  # since 1.20
    assert "batch/v1beta1" in served
    assert "policy/v1" not in served  # since 1.21
    assert "apps/v1beta2" not in served  # until 1.15


def test_second_apply_changes_nothing(server: ApiServer) -> None:
    def apply(**entries: str) -> list[str]:
        text = config_map("twice", **entries)
        return server.kubectl("apply", "-f", "-", stdin=text).splitlines()

    assert apply(a="1") == ["namespace/twice created", "configmap/settings created"]
    assert apply(a="1") == ["namespace/twice unchanged", "configmap/settings unchanged"]
    assert apply(a="2") == ["namespace/twice unchanged", "configmap/settings configured"]
    stored = server.kubectl("-n", "twice", "get", "cm", "settings", "-o", "jsonpath={.data}")
    assert json.loads(stored) == {"a": "2"}


def test_an_unknown_field_is_refused(server: ApiServer) -> None:
    text = config_map("unknown").replace('"data": {}', '"dataa": {}')
    with pytest.raises(KubectlError, match='unknown field "dataa"'):
        server.kubectl("apply", "-f", "-", stdin=text)


def test_powerless_user_is_refused(server: ApiServer) -> None:
    with pytest.raises(KubectlError) as refused:
        server.kubectl("--user", POWERLESS, "get", "configmaps")
    assert str(refused.value) == (
        'Error from server (Forbidden): configmaps is forbidden: User "powerless" cannot list '
        'resource "configmaps" in API group "" in the namespace "default"'
    )


def test_powerless_user_may_do_what_a_role_allows(server: ApiServer) -> None:
    server.kubectl("apply", "-f", "-", stdin=config_map("given", a="1"))
    ask = ("--user", POWERLESS, "-n", "given", "get", "configmaps", "-o", "name")
    with pytest.raises(KubectlError, match="Forbidden"):
        server.kubectl(*ask)
    role = ("create", "role", "viewer", "--verb=list", "--resource=configmaps")
    server.kubectl("-n", "given", *role)
    binding = ("create", "rolebinding", "viewer", "--role=viewer", f"--user={POWERLESS}")
    server.kubectl("-n", "given", *binding)
    assert eventually(lambda: server.kubectl(*ask)) == "configmap/settings\n"
    with pytest.raises(KubectlError, match="cannot delete"):
        server.kubectl("--user", POWERLESS, "-n", "given", "delete", "configmap", "settings")


def test_tls_verifies_with_the_ca_strictly(server: ApiServer) -> None:
    trust = ssl.create_default_context(cadata=server.ca)
    trust.verify_flags |= ssl.VERIFY_X509_STRICT
    status, answer = get(server, "/api/v1/namespaces/default", server.token, trust)
    assert (status, answer["metadata"]["name"]) == (200, "default")


def test_tls_fails_without_the_ca(server: ApiServer) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="CERTIFICATE_VERIFY_FAILED"):
        get(server, "/version", server.token, ssl.create_default_context())


def test_tokens_identify_the_user(server: ApiServer) -> None:
    trust = ssl.create_default_context(cadata=server.ca)
    path = "/api/v1/secrets"
    tokens = [server.token, server.powerless_token, "wrong"]
    assert [get(server, path, token, trust)[0] for token in tokens] == [200, 403, 401]


def test_secret_files_are_readable_by_the_owner_only(server: ApiServer) -> None:
    names = ("tokens.csv", "kubeconfig", "ca.key", "serving.key", "accounts.key")
    modes = {name: stat.S_IMODE((server.folder / name).stat().st_mode) for name in names}
    assert modes == dict.fromkeys(names, 0o600)


def test_restarted_server_keeps_its_objects(programs: Path, tmp_path: Path) -> None:
    server = ApiServer(programs, tmp_path / "own")
    try:
        server.start()
        first = server.pids
        assert [is_alive(pid) for pid in first] == [True, True]
        server.kubectl("apply", "-f", "-", stdin=config_map("kept", a="1"))
        server.stop()
        assert [is_alive(pid) for pid in first] == [False, False]
        server.start()
        again = server.kubectl("apply", "-f", "-", stdin=config_map("kept", a="1"))
        assert again == "namespace/kept unchanged\nconfigmap/settings unchanged\n"
    finally:
        second = server.pids
        server.stop()
    assert [is_alive(pid) for pid in second] == [False, False]
    server.stop()


def test_server_that_does_not_start_leaves_no_process(programs: Path, tmp_path: Path) -> None:
    broken = tmp_path / "programs"
    broken.mkdir()
    (broken / "etcd").symlink_to(programs / "etcd")
    script = '#!/bin/sh\necho "$PPID" > parent\necho "no such flag" >&2\nexit 1\n'
    (broken / "kube-apiserver").write_text(script)
    (broken / "kube-apiserver").chmod(0o755)
    server = ApiServer(broken, tmp_path / "own")
    with pytest.raises(UnavailableError, match=r"^kube-apiserver ended: no such flag$"):
        server.start()
    assert (tmp_path / "own/parent").read_text() == f"{os.getpid()}\n"
    assert server.pids == []
    holders = [str(path) for path in Path("/proc").glob("[0-9]*/cwd") if leads_to(path, tmp_path)]
    assert holders == []


def leads_to(link: Path, folder: Path) -> bool:
    """Return whether the working directory of a process is below a directory."""
    try:
        return link.readlink().is_relative_to(folder)
    except OSError:
        return False


def test_build_without_root_gives_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BOTLAB_CACHE", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UnavailableError, match=r"^needs root to build Kubernetes 1\.20\.2$"):
        builds.binaries()


def test_build_without_its_tools_names_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BOTLAB_CACHE", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(builds, "_which", lambda name: None if name == "mmdebstrap" else name)
    with pytest.raises(UnavailableError, match=r"^needs mmdebstrap to build Kubernetes"):
        builds.binaries()


def test_failed_step_reports_its_last_error(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root to run a step")
    script = "echo fine; echo 'main.go:1: broken' >&2; echo 'make: *** Error 1' >&2; exit 2"
    with pytest.raises(UnavailableError, match=r": compile: main\.go:1: broken \(see "):
        builds._step("compile", ["sh", "-c", script], tmp_path / "log")
