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
