"""The steps of the uninstall, on an API of dictionaries as old as 1.13.

On real servers the uninstall runs in tests/kube.
"""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.old_api import (
    ADMISSION,
    BEFORE,
    LABELS,
    STATE,
    OldApi,
    definition,
    live,
)
from kubeflow_installer.releases.inventory import Inventory
from kubeflow_installer.uninstall import lifecycle
from kubeflow_installer.uninstall.steps import Outcome, Uninstall
from labcharm.status import status_of
from labkube.apply.objects import Objects
from labkube.apply.owned import APPLICATION_LABEL, CHARM_LABEL
from labkube.client.api import ApiError


def uninstall(server: OldApi, *at_run_time: Any, seconds: float = 0) -> Outcome:
    """Run the uninstall."""
    api: Any = server
    objects = Objects(api, LABELS[APPLICATION_LABEL], LABELS[CHARM_LABEL], server.kinds())
    inventory = Inventory("1.0", namespaces=("kubeflow",), at_run_time=at_run_time)
    return Uninstall(api, objects, inventory, lambda _: None, STATE).run(seconds)


KUBEFLOW = (
    STATE,
    live("v1", "Namespace", "kubeflow"),
    live("v1", "Namespace", "kube-system"),  # whoever labelled it
    live("v1", "ConfigMap", "dex", "kubeflow"),
    live("v1", "ConfigMap", "elsewhere", "default"),
    live("apps/v1", "Deployment", "minio", "kubeflow"),
    live("rbac.authorization.k8s.io/v1", "ClusterRole", "kubeflow-admin"),
    live(ADMISSION, "MutatingWebhookConfiguration", "admission"),
    live("apiregistration.k8s.io/v1", "APIService", "v1beta1.webhook.cert-manager.io"),
    definition("profiles", "Profile"), definition("notebooks", "Notebook"),
    live("kubeflow.org/v1beta1", "Profile", "team"),
    live("kubeflow.org/v1beta1", "Notebook", "users", "default", owned=False),
    live("v1", "ConfigMap", "foreign", "default", owned=False),
)  # fmt: skip
# How an inventory names the webhook that galley creates.
GALLEY = (
    "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "", "istio-galley",
)  # fmt: skip


def galley_webhook(number: int = 0, **metadata: Any) -> Any:
    """Return galley's webhook, with another uid for each number."""
    fields = {"uid": f"galley {number}", **metadata}
    kind = "ValidatingWebhookConfiguration"
    return live(ADMISSION, kind, "istio-galley", owned=False, metadata=fields)


def test_order_on_an_old_server() -> None:
    """Each object is deleted once, even if two groups serve it."""
    server = OldApi(*KUBEFLOW, galley_webhook())

    assert uninstall(server, GALLEY) == Outcome(True, [], [])

    assert sorted(server.deleted[:3]) == [
        "APIService v1beta1.webhook.cert-manager.io",
        "MutatingWebhookConfiguration admission",
        "ValidatingWebhookConfiguration istio-galley",
    ]
    assert server.deleted[3:] == [
        "Profile team",
        "Notebook users",
        "Deployment minio",
        "Namespace kubeflow",
        "CustomResourceDefinition notebooks.kubeflow.org",
        "CustomResourceDefinition profiles.kubeflow.org",
        "ClusterRole kubeflow-admin",
        "ConfigMap elsewhere",
    ]
    remaining = [entry["metadata"]["name"] for entry in server.objects]
    assert remaining == ["state", "kube-system", "foreign"]


class GalleyApi(OldApi):
    """A server on which galley creates its webhook again, as long as its Deployment exists."""

    def delete(self, reference: Any) -> bool:
        """Delete an object; the webhook exists again at once, with another uid."""
        is_deleted = super().delete(reference)
        is_running = any(entry["metadata"]["name"] == "galley" for entry in self.objects)
        if reference["metadata"]["name"] == "istio-galley" and is_running:
            self.objects.append(galley_webhook(len(self.deleted)))
        return is_deleted


def test_recreated_object_is_deleted_after_its_controller() -> None:
    """It is not awaited while the controller runs, and does not remain."""
    galley = live("apps/v1", "Deployment", "galley", "istio-system")
    server = GalleyApi(*KUBEFLOW, galley, galley_webhook())

    assert uninstall(server, GALLEY, seconds=1) == Outcome(True, [], [])

    deleted = [line.split()[1] for line in server.deleted]
    assert deleted.count("istio-galley") == 2
    last = len(deleted) - 1 - deleted[::-1].index("istio-galley")
    assert deleted.index("galley") < last
    assert not any("galley" in entry["metadata"]["name"] for entry in server.objects)


def test_object_with_a_run_time_name_that_is_older_stays() -> None:
    """The installation's workloads did not create it."""
    webhook = galley_webhook(creationTimestamp=BEFORE)
    server = OldApi(*KUBEFLOW, webhook)
    assert uninstall(server, GALLEY).done
    assert server.get(webhook)


def test_foreign_webhook_into_a_deleted_namespace_needs_the_administrator() -> None:
    """It stays forever, while everything else that remains may still be deleted."""
    foreign = live(ADMISSION, "MutatingWebhookConfiguration", "users", owned=False)
    foreign["webhooks"] = [
        {"failurePolicy": "Fail", "clientConfig": {"service": {"namespace": "kubeflow"}}}
    ]
    server = OldApi(*KUBEFLOW, foreign)

    outcome = uninstall(server)

    assert outcome.remaining == [
        "MutatingWebhookConfiguration users calls the deleted namespace kubeflow and blocks"
        " requests: kubectl delete mutatingwebhookconfiguration users"
    ]
    status = status_of(lifecycle.incomplete(outcome))
    assert status.name == "blocked"
    assert status.message == f"being uninstalled: {outcome.remaining[0]}"
    waiting = lifecycle.incomplete(Outcome(False, ["Profile team"], []))
    assert status_of(waiting).name == "waiting"


def test_step_waits_for_the_one_before() -> None:
    """A finalizer holds a Profile, so no workload is deleted: one may be its controller."""
    held = live("kubeflow.org/v1beta1", "Profile", "team", metadata={"finalizers": ["a", "b"]})
    server = OldApi(*[entry for entry in KUBEFLOW if entry["kind"] != "Profile"], held)

    outcome = uninstall(server)

    assert outcome.remaining == [
        "Profile team is held by its finalizers a, b; if the controller that removes them is gone:"
        " kubectl patch profiles.kubeflow.org team"
        """ --type=merge -p '{"metadata":{"finalizers":null}}'"""
    ]
    assert server.deleted[2:] == ["Profile team"]
    assert uninstall(server).remaining == outcome.remaining
    assert server.deleted[2:] == ["Profile team"], "its deletion was already requested"


def test_refused_deletion_is_reported_and_the_step_continues() -> None:
    """The message is the server's."""
    forbidden = ApiError(403, "Forbidden", "is forbidden: lab's rule")
    server = OldApi(*KUBEFLOW, refusing={"profiles.kubeflow.org": forbidden})
    assert uninstall(server) == Outcome(
        False,
        ["CustomResourceDefinition profiles.kubeflow.org: is forbidden: lab's rule"],
        [],
    )
    assert "CustomResourceDefinition notebooks.kubeflow.org" in server.deleted
    assert "ClusterRole kubeflow-admin" not in server.deleted


def test_kind_that_cannot_be_listed_is_not_considered_deleted() -> None:
    broken = ApiError(500, "InternalError", "storage is broken")
    server = OldApi(*KUBEFLOW, failing={"Notebook": broken})
    message = "Notebook of kubeflow.org/v1beta1 cannot be listed: storage is broken"
    assert uninstall(server) == Outcome(False, [message], [])
    assert "Deployment minio" not in server.deleted


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("PersistentVolume", "it broke"),
        ("PersistentVolumeClaim", "PersistentVolumeClaim of v1 cannot be listed: it broke"),
        ("Namespace", "Namespace of v1 cannot be listed: it broke"),
        ("CustomResourceDefinition", "CustomResourceDefinition of apiextensions.k8s.io/v1beta1"
         " cannot be listed: it broke"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", [403, 500])
def test_nothing_that_volumes_depend_on_is_deleted_while_volumes_are_unknown(
    kind: str, reason: str, status: int
) -> None:
    server = OldApi(*KUBEFLOW, failing={kind: ApiError(status, "", "it broke")})
    assert uninstall(server) == Outcome(False, [f"volumes cannot be changed: {reason}"], [])
    assert sorted(server.deleted) == [
        "APIService v1beta1.webhook.cert-manager.io", "MutatingWebhookConfiguration admission",
    ]  # fmt: skip


@pytest.mark.parametrize("status", [0, 401])
def test_unreachable_or_unauthorized_server_ends_the_run(status: int) -> None:
    error = ApiError(status, "", "gone")
    for server in (
        OldApi(*KUBEFLOW, failing={"Profile": error}),
        OldApi(*KUBEFLOW, refusing={"team": error}),
    ):
        with pytest.raises(ApiError, match="gone"):
            uninstall(server)


def test_many_waiting_objects_are_counted() -> None:
    """The first ones are explained."""
    held = {"finalizers": ["a"]}
    many = [
        live("kubeflow.org/v1beta1", "Notebook", f"n{number}", "default", metadata=held)
        for number in range(8)
    ]
    outcome = uninstall(OldApi(*KUBEFLOW, *many))
    assert len(outcome.remaining) == 6
    assert outcome.remaining[-1] == "3 more objects wait"


def test_objects_that_go_later_are_awaited_while_there_is_time() -> None:
    """Here a controller removes the finalizer of a Profile at the third look."""
    held = live("kubeflow.org/v1beta1", "Profile", "team", metadata={"finalizers": ["x"]})
    pauses: list[float] = []

    def run(seconds: float) -> Outcome:
        server = OldApi(STATE, definition("profiles", "Profile"), held)
        api: Any = server
        objects = Objects(api, LABELS[APPLICATION_LABEL], LABELS[CHARM_LABEL], server.kinds())
        inventory = Inventory("1.0", namespaces=("kubeflow",))

        def pause(length: float) -> None:
            pauses.append(length)
            if len(pauses) == 3:
                server.objects = [o for o in server.objects if o["kind"] != "Profile"]

        return Uninstall(api, objects, inventory, pause, STATE).run(seconds)

    assert run(60) == Outcome(True, [], [])
    assert pauses[:3] == [0.1, 0.2, 0.4]
    outcome = run(0)
    assert not outcome.done
    assert "Profile team" in outcome.remaining[0]
