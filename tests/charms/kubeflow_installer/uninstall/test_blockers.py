"""The descriptions of what blocks a deletion."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.fake_apis.old_api import ADMISSION, OldApi, live
from kubeflow_installer.uninstall import blockers
from labkube.client.api import ApiError


@pytest.mark.parametrize("error", ["failed calling webhook", "failed calling admission webhook"])
def test_refusal_by_a_webhook_names_its_configuration(error: str) -> None:
    """Both forms of the server's message are recognized."""
    webhooks = [{"name": "guard.example.com"}]
    configuration = live(ADMISSION, "ValidatingWebhookConfiguration", "guard", webhooks=webhooks)
    api: Any = OldApi(configuration)
    refusal = ApiError(500, "", f'{error} "guard.example.com": connection refused')
    deployment = live("apps/v1", "Deployment", "minio", "kubeflow")
    assert blockers.describe_refusal(api, deployment, refusal, api.kinds()) == (
        f'Deployment kubeflow/minio: {error} "guard.example.com": connection refused; if nothing'
        " serves this webhook any more: kubectl delete validatingwebhookconfiguration guard"
    )


def test_namespace_without_listed_content_shows_its_conditions() -> None:
    """Servers set these conditions from 1.16 on."""
    conditions = [
        {"type": "NamespaceDeletionContentFailure", "status": "True", "message": "lab\nbroke"},
        {"type": "NamespaceContentRemaining", "status": "True", "message": "not shown"},
        {"type": "NamespaceDeletionDiscoveryFailure", "status": "False", "message": "not shown"},
    ]
    namespace = live("v1", "Namespace", "kubeflow", status={"conditions": conditions})
    api: Any = OldApi(namespace)
    assert blockers.describe_blockers(api, namespace, []) == ["Namespace kubeflow: lab broke"]
    namespace["status"] = {}
    assert blockers.describe_blockers(api, namespace, []) == [
        "Namespace kubeflow is still being deleted"
    ]


class NamespaceApi(OldApi):
    """A server that lists the ConfigMaps of a namespace."""

    def path_of(self, reference: Any, with_name: bool) -> str:
        """Return the path of a list."""
        assert not with_name
        return f"/{reference['metadata']['namespace']}/{reference['kind']}"

    def request(self, method: str, path: str) -> Any:
        """Return a list."""
        assert (method, path) == ("GET", "/kubeflow/ConfigMap")
        return {"items": self.list("v1", "ConfigMap")}


def test_namespace_names_what_it_waits_for() -> None:
    """Objects that finalizers hold come first; others are named together."""
    deleted = {"deletionTimestamp": "2019-08-03T00:00:00Z"}
    namespace = live("v1", "Namespace", "kubeflow")
    held = live("v1", "ConfigMap", "a", "kubeflow", metadata={**deleted, "finalizers": ["lab/x"]})
    waiting = live("v1", "ConfigMap", "b", "kubeflow", metadata=deleted)
    not_deleted = live("v1", "ConfigMap", "c", "kubeflow")
    api: Any = NamespaceApi(namespace, held, waiting, not_deleted)

    kinds = [("v1", "Event"), ("v1", "Namespace"), ("v1", "ConfigMap")]
    first, second = blockers.describe_blockers(api, namespace, kinds)
    assert first.startswith(
        "ConfigMap kubeflow/a is held by its finalizers lab/x; if the controller that removes them"
        " is gone: kubectl patch configmaps a -n kubeflow "
    )
    assert second == "Namespace kubeflow waits for ConfigMap kubeflow/b"
