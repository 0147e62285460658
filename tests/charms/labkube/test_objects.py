"""Objects on servers with and without server-side apply: from their creation to their removal."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from helpers.fake_apis.memory_api import MemoryApi
from labkube.apply.last_applied import LAST_APPLIED
from labkube.apply.objects import Applied, Comparison, ForeignObjectError, Objects, merge_runs
from labkube.apply.owned import APPLICATION_LABEL, CHARM_LABEL
from labkube.client.api import ApiError

KINDS = [("v1", "Namespace"), ("v1", "ConfigMap"), ("v1", "Secret"), ("apps/v1", "Deployment")]
LABELS = {APPLICATION_LABEL: "app", CHARM_LABEL: "lab"}
OLD, NEW = (1, 16), (1, 28)
EVERY_SERVER = pytest.mark.parametrize("version", [OLD, NEW])


def manifest(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    """Return an object as a charm passes it."""
    api_version = "apps/v1" if kind == "Deployment" else "v1"
    metadata = {"name": name, **({} if kind == "Namespace" else {"namespace": "n"})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


NAMESPACE = manifest("Namespace", "n")
SETTINGS = manifest("ConfigMap", "settings", data={"a": "1", "b": "2"})
SECRET = manifest("Secret", "keys", data={"k": "czNjcmV0"})


def objects_on(api: Any, application: str = "app", charm: str = "lab") -> Objects:
    """Return an application's objects."""
    return Objects(api, application, charm, KINDS, lambda _: None, foreign_fix="remove it")


def live(api: MemoryApi, desired: dict[str, Any]) -> dict[str, Any]:
    """Return the live object of a manifest."""
    current = api.get(desired)
    assert current is not None
    return current


@EVERY_SERVER
def test_objects_are_created_in_order_and_then_only_read(version: tuple[int, int]) -> None:
    """They carry the labels of the application and of the charm; the arguments do not change."""
    api = MemoryApi(version)
    desired = [SETTINGS, SECRET, NAMESPACE]
    before = copy.deepcopy(desired)

    first = objects_on(api).apply(desired)
    writes = ["PUT Namespace n", "PUT Secret keys", "PUT ConfigMap settings"]
    assert first == Applied(["Namespace n", "Secret n/keys", "ConfigMap n/settings"], [], 0, [])
    assert api.writes == writes
    assert objects_on(api).apply(desired) == Applied([], [], 3, [])
    assert api.writes == writes
    assert desired == before
    for entry in desired:
        assert live(api, entry)["metadata"]["labels"] == LABELS


@EVERY_SERVER
def test_change_removes_what_was_applied_before_and_keeps_what_others_set(
    version: tuple[int, int],
) -> None:
    api = MemoryApi(version)
    objects_on(api).apply([SETTINGS])
    api.patch(SETTINGS, {"data": {"foreign": "stays"}})
    changed = {**SETTINGS, "data": {"a": "9"}}

    assert objects_on(api).apply([changed]) == Applied([], ["ConfigMap n/settings"], 0, [])
    # The memory server does not track field managers, so it shows what the patch removes only.
    data = live(api, SETTINGS)["data"]
    assert data["a"] == "9"
    assert data["foreign"] == "stays"
    assert version == NEW or "b" not in data


def test_fields_of_an_old_server_are_removed_after_its_upgrade() -> None:
    """Another manager has them, so that server-side apply alone would keep them."""
    api = MemoryApi(OLD)
    objects_on(api).apply([SETTINGS])
    api.set_version(*NEW)
    objects_on(api).apply([{**SETTINGS, "data": {"a": "1"}}])

    assert live(api, SETTINGS)["data"] == {"a": "1"}


@EVERY_SERVER
def test_objects_that_are_no_longer_desired_are_pruned_in_reverse_order(
    version: tuple[int, int],
) -> None:
    api = MemoryApi(version)
    objects_on(api).apply([NAMESPACE, SETTINGS, SECRET])

    kept = objects_on(api).apply([NAMESPACE], prune=False)
    assert kept == Applied([], [], 1, [])
    applied = objects_on(api).apply([NAMESPACE])
    assert applied == Applied([], [], 1, ["ConfigMap n/settings", "Secret n/keys"])
    assert api.writes[-2:] == ["DELETE ConfigMap settings", "DELETE Secret keys"]


@pytest.mark.parametrize(("application", "charm"), [("other", "lab"), ("app", "other")])
def test_object_of_another_application_or_charm_is_foreign(application: str, charm: str) -> None:
    """Both labels decide: nothing is written, compared as extra, or deleted."""
    api = MemoryApi(NEW)
    objects_on(api, application, charm).apply([SETTINGS])
    before = list(api.writes)
    objects = objects_on(api)

    assert not objects.owns(live(api, SETTINGS))
    with pytest.raises(ForeignObjectError) as raised:
        objects.apply([NAMESPACE, SETTINGS])
    assert raised.value.names == ["ConfigMap n/settings"]
    assert str(raised.value) == "not made by this application: ConfigMap n/settings; remove it"
    assert objects.compare([]) == Comparison([], [], [], [])
    assert objects.prune([]) == []
    assert objects.remove() == []
    assert api.writes == before


@EVERY_SERVER
def test_foreign_object_is_adopted_on_request(version: tuple[int, int]) -> None:
    api = MemoryApi(version)
    api.create({**SETTINGS, "data": {"a": "0", "foreign": "stays"}})

    applied = objects_on(api).apply([SETTINGS], adopt=True)
    assert applied == Applied([], ["ConfigMap n/settings"], 0, [])
    assert live(api, SETTINGS)["data"] == {"a": "1", "b": "2", "foreign": "stays"}
    assert objects_on(api).owns(live(api, SETTINGS))


def test_comparison_names_each_object_once() -> None:
    api = MemoryApi(NEW)
    objects = objects_on(api)
    objects.apply([NAMESPACE, SETTINGS, SECRET])
    api.patch(SETTINGS, {"data": {"a": "edited"}})
    missing = manifest("ConfigMap", "absent")
    unknown = {**missing, "kind": "Thing"}

    assert objects.compare([NAMESPACE, SETTINGS, missing, unknown]) == Comparison(
        ["Namespace n"],
        ["ConfigMap n/settings"],
        ["ConfigMap n/absent", "Thing n/absent"],
        ["Secret n/keys"],
    )


def test_observed_objects_are_not_read_again() -> None:
    """Only owned ones are observed, by a list of each kind."""
    api = MemoryApi(NEW)
    objects = objects_on(api)
    objects.apply([SETTINGS, SECRET])
    api.create(manifest("ConfigMap", "foreign"))
    observed = objects.observe([SETTINGS, SECRET, manifest("ConfigMap", "foreign"), NAMESPACE])

    assert sorted(observed) == [("", "ConfigMap", "n", "settings"), ("", "Secret", "n", "keys")]
    api.patch(SETTINGS, {"data": {"a": "edited"}})
    assert objects.compare([SETTINGS], observed).correct == ["ConfigMap n/settings"]
    assert objects.compare([SETTINGS]).changed == ["ConfigMap n/settings"]


class Counting(MemoryApi):
    """A server that counts the requests of each kind.

    Attributes:
        requests: The method and what it was called with.
    """

    def __init__(self, version: tuple[int, int]) -> None:
        super().__init__(version)
        self.requests: list[str] = []

    def get(self, manifest: Any) -> Any:
        """Return an object."""
        self.requests.append(f"get {manifest['kind']}")
        return super().get(manifest)

    def list(
        self, api_version: str, kind: str, selector: str = "", namespace: str = ""
    ) -> list[Any]:
        """Return a kind's objects."""
        self.requests.append(f"list {kind}")
        return super().list(api_version, kind, selector, namespace)


def test_second_run_lists_each_kind_once_and_requests_no_single_object() -> None:
    api = Counting((1, 28))
    objects = objects_on(api)
    desired = [NAMESPACE, SETTINGS, SECRET]
    objects.apply(desired)
    api.requests.clear()

    assert objects.apply(desired).same == 3
    lists = [request for request in api.requests if request.startswith("list ")]
    assert sorted(api.requests) == sorted(set(lists))
    api.requests.clear()
    assert len(objects.compare(desired).correct) == 3
    assert sorted(api.requests) == sorted(lists)


def test_workload_is_waited_for_until_it_is_ready() -> None:
    """The sentences are those of the last look."""
    api = MemoryApi(NEW)
    web = manifest("Deployment", "web", spec={"replicas": 1})
    objects_on(api).apply([web])
    looks: list[float] = []

    def become_ready(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            status = {"observedGeneration": 1, "updatedReplicas": 1, "availableReplicas": 1,
                      "readyReplicas": 1, "replicas": 1}  # fmt: skip
            api.patch(web, {"status": status})

    objects = Objects(api, "app", "lab", KINDS, become_ready)  # type: ignore[arg-type]
    missing = manifest("ConfigMap", "absent")
    assert objects.not_ready([missing]) == ["ConfigMap n/absent is missing"]
    assert objects.wait_until_ready([web], 30) == []
    assert looks == [0.1, 0.1]


@EVERY_SERVER
def test_removal_deletes_all_but_what_is_kept(version: tuple[int, int]) -> None:
    api = MemoryApi(version)
    objects = objects_on(api)
    objects.apply([NAMESPACE, SETTINGS, SECRET])

    assert objects.remove(keep=[NAMESPACE]) == []
    assert api.writes[-2:] == ["DELETE ConfigMap settings", "DELETE Secret keys"]
    assert sorted(live["metadata"]["name"] for live in objects.owned()) == ["n"]


class Refusing(MemoryApi):
    """A server that answers some requests with an error."""

    error = ApiError(422, "Invalid", "field is immutable")

    def patch(self, manifest: Any, body: Any) -> dict[str, Any]:
        """Refuse a change."""
        raise self.error

    def create(self, manifest: Any) -> dict[str, Any]:
        """Create an object that another client may have created meanwhile."""
        return super().create(manifest)


@pytest.mark.parametrize(("kind", "is_recreated"), [("Deployment", True), ("ConfigMap", False)])
def test_workload_with_an_immutable_field_is_recreated(kind: str, is_recreated: bool) -> None:
    """Other kinds may hold data."""
    api = Refusing(OLD)
    before = manifest(kind, "web", spec={"selector": "a"})
    after = manifest(kind, "web", spec={"selector": "b"})
    objects_on(api).apply([before])

    if not is_recreated:
        with pytest.raises(ApiError) as raised:
            objects_on(api).apply([after])
        assert raised.value is Refusing.error
        return
    assert objects_on(api).apply([after]).changed == [f"{kind} n/web"]
    assert api.writes == [f"PUT {kind} web", f"DELETE {kind} web", f"PUT {kind} web"]
    assert live(api, after)["spec"] == {"selector": "b"}


def test_refused_change_that_is_not_about_the_content_is_an_error() -> None:
    """Nothing is recreated then."""
    api = Refusing(OLD)
    objects_on(api).apply([manifest("Deployment", "web", spec={"selector": "a"})])
    api.error = ApiError(403, "Forbidden", "not you")

    with pytest.raises(ApiError, match="not you"):
        objects_on(api).apply([manifest("Deployment", "web", spec={"selector": "b"})])
    assert api.writes == ["PUT Deployment web"]


class Racing(MemoryApi):
    """A server on which another client creates each object a moment earlier."""

    rival: dict[str, Any] | None = None

    def create(self, manifest: Any) -> dict[str, Any]:
        """Let the rival create its object first."""
        if self.rival is not None:
            rival, self.rival = self.rival, None
            super().create(rival)
        return super().create(manifest)


def test_object_that_a_hook_of_this_application_created_meanwhile_is_changed() -> None:
    """The other hook wrote an older state."""
    other = MemoryApi(OLD)
    objects_on(other).apply([{**SETTINGS, "data": {"a": "0"}}])
    api = Racing(OLD)
    api.rival = live(other, SETTINGS)

    assert objects_on(api).apply([SETTINGS]).created == ["ConfigMap n/settings"]
    assert live(api, SETTINGS)["data"] == {"a": "1", "b": "2"}


def test_object_that_another_client_created_meanwhile_is_foreign() -> None:
    api = Racing(OLD)
    api.rival = {**SETTINGS, "data": {"a": "0"}}

    with pytest.raises(ForeignObjectError) as raised:
        objects_on(api).apply([SETTINGS])
    assert raised.value.names == ["ConfigMap n/settings"]
    assert live(api, SETTINGS)["data"] == {"a": "0"}


def test_object_whose_annotation_is_a_digest_is_replaced() -> None:
    """A digest does not show what to remove. A Secret's content is never in an annotation."""
    api = MemoryApi(OLD)
    objects_on(api).apply([SECRET])
    annotation = live(api, SECRET)["metadata"]["annotations"][LAST_APPLIED]
    api.patch(SECRET, {"data": {"foreign": "eA=="}})
    version = live(api, SECRET)["metadata"]["resourceVersion"]

    assert annotation.startswith("sha256:")
    assert objects_on(api).apply([{**SECRET, "data": {"k": "bmV3"}}]).changed == ["Secret n/keys"]
    assert live(api, SECRET)["data"] == {"k": "bmV3"}
    assert live(api, SECRET)["metadata"]["resourceVersion"] != version
    assert json.dumps(live(api, SECRET)).count("czNjcmV0") == 0


class Forbidding(MemoryApi):
    """A server that forbids a client to create Secrets."""

    is_forbidden = True

    def create(self, manifest: Any) -> dict[str, Any]:
        """Create an object, unless it is a Secret."""
        if self.is_forbidden and manifest["kind"] == "Secret":
            raise ApiError(403, "Forbidden", "not you")
        return super().create(manifest)


def test_runs_of_which_only_the_last_one_succeeds_are_reported_together() -> None:
    """As when rights are granted in between."""
    api = Forbidding(OLD)
    objects_on(api).apply([{**SETTINGS, "data": {"a": "9"}}, manifest("ConfigMap", "old")])
    desired = [NAMESPACE, SECRET, SETTINGS]
    runs = [objects_on(api), objects_on(api)]
    runs[0].apply([NAMESPACE, SETTINGS], prune=False)
    with pytest.raises(ApiError, match="not you"):
        runs[0].apply([SECRET], prune=False)
    api.is_forbidden = False
    last = runs[1].apply(desired)

    assert last == Applied(["Secret n/keys"], [], 2, ["ConfigMap n/old"])
    assert merge_runs([run.written for run in runs], last) == Applied(
        ["Namespace n", "Secret n/keys"], ["ConfigMap n/settings"], 0, ["ConfigMap n/old"]
    )
