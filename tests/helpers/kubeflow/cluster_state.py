"""What a real API server has, before and after a test of Kubeflow."""

from __future__ import annotations

import contextlib
import shlex
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from helpers.kube.api_server import ApiServer
from helpers.kube.builds import UnavailableError
from helpers.kubeflow.cluster_objects import (
    manifest_of,
)
from helpers.processes import until
from labkube.apply.objects import Objects
from labkube.client.access import Access
from labkube.client.api import Api, ApiError, UnknownKindError

APPLICATION = "kubeflow-installer.00000000"
Listing = set[tuple[str, str, str]]
CONTROLLERS = (
    "namespace,serviceaccount,garbagecollector,"
    "persistentvolume-binder,pv-protection,pvc-protection"
)


# The objects that the fixture `control` creates; they exist until a test uninstalls them.
PREPARED = {
    ("CustomResourceDefinition", "", "profiles.kubeflow.org"),
    ("APIService", "", "v1.kubeflow.org"), ("APIService", "", "v1beta1.kubeflow.org"),
    ("ConfigMap", "kube-system", "kubeflow-installer-state"),
}  # fmt: skip


STATE = manifest_of("v1", "ConfigMap", "kubeflow-installer-state", "kube-system", data={"a": "b"})


# The servers by their versions, for the commands in messages.
SERVERS: dict[tuple[int, int], ApiServer] = {}


def start(server: ApiServer) -> None:
    """Start a server; skip the test when it does not start."""
    try:
        server.start(CONTROLLERS)
    except UnavailableError as error:
        pytest.skip(str(error))


@contextlib.contextmanager
def client_of(server: ApiServer, token: str = "") -> Iterator[Api]:
    """Return a client, an administrator's unless a token is given."""
    client = Api(Access(server.url, server.ca, token or server.token), patience=2)
    yield client
    client.close()


def objects_of(api: Api) -> Objects:
    """Return the application's objects, among all kinds of the server."""
    return Objects(api, APPLICATION, "kubeflow-installer", api.kinds())


def install(api: Api, *objects: Any, adopt: bool = False) -> None:
    """Apply objects as an installation does, its state first."""
    own = Objects(api, APPLICATION, "kubeflow-installer", ())
    own.apply([STATE], prune=False)
    own.apply(objects, adopt, prune=False)


def listing(api: Api, ending: bool = True) -> Listing:
    """Return kind, namespace and name of everything that the server has, events left out.

    Args:
        api: The server.
        ending: Whether namespaces that are being deleted count, with what is in them.
    """
    objects = [live for kind in api.kinds() if kind[1] != "Event" for live in _listed(api, *kind)]
    namespaces = [live for live in objects if live["kind"] == "Namespace" and not ending]
    deleted = {
        live["metadata"]["name"] for live in namespaces if "deletionTimestamp" in live["metadata"]
    }
    keys = [
        (live["kind"], live["metadata"].get("namespace", ""), live["metadata"]["name"])
        for live in objects
    ]
    return {
        (kind, namespace, name)
        for kind, namespace, name in keys
        if namespace not in deleted and not (kind == "Namespace" and name in deleted)
    }


def _listed(api: Api, version: str, kind: str) -> list[Any]:
    """Return a kind's objects; none when its definition was just deleted."""
    try:
        return list(api.list(version, kind))
    except UnknownKindError:
        return []


def difference(api: Api, before: Listing, expected: set[str], ending: bool = True) -> set[str]:
    """Return what was added or removed since `before`, once it is as expected."""
    end = time.monotonic() + 30
    while True:
        changed = (listing(api, ending) - PREPARED) ^ before
        names = {"/".join(part for part in key if part) for key in changed}
        if names == expected or time.monotonic() > end:
            return names
        time.sleep(0.2)


def create(api: Api, *manifests: Any) -> None:
    """Create foreign objects."""
    for manifest in manifests:
        until(lambda manifest=manifest: _is_served(api, manifest), 60)
        api.create(manifest)


def _is_served(api: Api, manifest: Any) -> bool:
    """Return whether the server serves a kind, which it does a moment after its definition."""
    try:
        api.kind(manifest["apiVersion"], manifest["kind"])
    except UnknownKindError:
        return False
    return True


@contextlib.contextmanager
def existing(api: Api, *objects: Any) -> Iterator[None]:
    """Create foreign objects for a while."""
    create(api, *objects)
    try:
        yield
    finally:
        for manifest in reversed(objects):
            api.delete(manifest)


@contextlib.contextmanager
def meanwhile(api: Api, work: Callable[[Api], None]) -> Iterator[None]:
    """Repeat work in a thread while this lasts; its errors fail the test.

    Args:
        api: A client of the server. The thread has one of its own: each serves one thread.
        work: The work, which gets the thread's client.
    """
    server = SERVERS[api.version()]
    end, errors = threading.Event(), []

    def loop() -> None:
        with client_of(server) as own:
            while not end.wait(0.1):
                try:
                    work(own)
                except ApiError as error:
                    errors.append(error)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
    assert [
        error for error in errors if not error.is_temporary and error.status not in (404, 409)
    ] == []


def run_command(api: Api, command: str) -> None:
    """Run a command that a message names."""
    program, *arguments = shlex.split(command)
    assert program == "kubectl"
    SERVERS[api.version()].kubectl(*arguments)
