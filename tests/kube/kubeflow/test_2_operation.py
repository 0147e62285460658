"""The installed Kubeflow: repairs, refusing webhooks, credentials, users and options."""

from __future__ import annotations

import json
import time

from helpers.kubeflow import generated
from helpers.kubeflow.installed import EARLIER, gateway
from helpers.kubeflow.lab import Lab, LoadBalancer, repeat_until, results


def test_manual_changes_are_reverted(lab: Lab) -> None:
    """Deleted and changed objects are restored; fields that others added stay."""
    lab.server.kubectl("-n", "kubeflow", "delete", "deploy", "centraldashboard")
    lab.server.kubectl("-n", "istio-system", "patch", "svc", "istio-ingressgateway", "-p",
                       '{"spec": {"type": "ClusterIP"}}')  # fmt: skip
    lab.server.kubectl("-n", "kubeflow", "label", "deploy", "jupyter-web-app-deployment", "a=b")
    listed = results(lab.unit.action("list-objects"))
    assert listed["ok"] is False
    assert listed["missing"] == ["Deployment kubeflow/centraldashboard"]
    assert listed["changed"] == ["Service istio-system/istio-ingressgateway"]

    assert lab.hook().endswith("the gateway has no address yet")
    with LoadBalancer(lab.server):
        time.sleep(1)
    lab.report_pods_ready()
    with gateway(lab):
        assert lab.hook().startswith("active")
    assert results(lab.unit.action("list-objects"))["ok"] is True
    live = lab.get("Deployment", "jupyter-web-app-deployment", "kubeflow", "apps/v1")
    assert live["metadata"]["labels"]["a"] == "b"


REFUSING_WEBHOOK = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "lab-refuses"},
    "webhooks": [
        {
            "name": "refuses.lab.example",
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "timeoutSeconds": 1,
            "clientConfig": {"url": "https://127.0.0.1:9/nobody"},
            "rules": [
                {
                    "apiGroups": ["apps"],
                    "apiVersions": ["v1"],
                    "operations": ["CREATE"],
                    "resources": ["deployments"],
                }
            ],
        }
    ],
}


def refusal(lab: Lab) -> str:
    """Return the status if the server refused an object; otherwise an empty text."""
    return lab.unit.status() if "refused, will be retried" in lab.unit.status() else ""


def test_object_that_a_webhook_refuses_is_retried(lab: Lab) -> None:
    """The log names it; other objects are restored in the meantime."""
    lab.api.create(REFUSING_WEBHOOK)
    lab.server.kubectl("-n", "kubeflow", "delete", "deploy", "centraldashboard")
    lab.server.kubectl("-n", "kubeflow", "delete", "svc", "centraldashboard")
    try:
        status = repeat_until(lambda: refusal(lab), lab.hook, 10)
    finally:
        lab.server.kubectl("delete", "validatingwebhookconfiguration", "lab-refuses")
    total = len(generated.objects(EARLIER))
    refused = "refused, will be retried: Deployment kubeflow/"
    assert f"{total - 1} of {total} objects applied; refused" in status
    assert f"{total - 1} of {total} objects applied; {refused}" in lab.unit.log()
    assert "failed calling webhook" in lab.unit.log()
    assert lab.get("Service", "centraldashboard", "kubeflow")

    lab.hook()
    lab.report_pods_ready()
    with gateway(lab):
        assert lab.hook().startswith("active")


def test_verify_reports_unbound_claims(lab: Lab) -> None:
    """The other checks pass."""
    with gateway(lab):
        answer = results(lab.unit.action("verify", login=False))
    checks = {check["name"]: check for check in answer["checks"]}
    assert checks["release"]["ok"]
    assert checks["namespaces"]["ok"]
    assert checks["workloads"]["ok"]
    assert checks["objects"]["ok"]
    assert checks["url"]["ok"]
    assert not checks["claims"]["ok"]
    assert "kubeflow/mysql-pv-claim is Pending" in checks["claims"]["message"]


def test_new_password_reaches_dex(lab: Lab) -> None:
    """Its hash is applied, and dex restarts."""
    before = lab.get("Secret", "dex-passwords", "auth")["data"]
    dex = lab.get("Deployment", "dex", "auth", "apps/v1")["spec"]["template"]
    old = lab.unit.action("get-credentials")["results"]["password"]

    answer = lab.unit.action("rotate-credentials")
    assert "failed" not in answer
    new = lab.unit.action("get-credentials")["results"]["password"]
    assert new != old
    assert new not in json.dumps(answer)
    assert lab.get("Secret", "dex-passwords", "auth")["data"] != before
    assert lab.get("Deployment", "dex", "auth", "apps/v1")["spec"]["template"] != dex
    lab.report_pods_ready()


def test_another_user_owns_the_profile_and_its_namespace(lab: Lab) -> None:
    """The Profile's controller would otherwise ignore the Profile."""
    objects = generated.objects(EARLIER)
    profile = next(manifest for manifest in objects if manifest["kind"] == "Profile")
    name, version = profile["metadata"]["name"], profile["apiVersion"]
    metadata = {"name": name, "annotations": {"owner": "admin@kubeflow.org"}}
    lab.api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    lab.unit.configure({"version": EARLIER, "user": "jo@lab.example"})
    lab.hook("config-changed")
    live = lab.get("Profile", name, version=version)
    assert live["spec"]["owner"]["name"] == "jo@lab.example"
    assert lab.get("Namespace", name)["metadata"]["annotations"]["owner"] == "jo@lab.example"
    assert lab.unit.action("get-credentials")["results"]["user"] == "jo@lab.example"
    lab.unit.configure({"version": EARLIER})
    lab.hook("config-changed")
    lab.server.kubectl("delete", "ns", name)


def test_options_change_the_live_objects(lab: Lab) -> None:
    """The endpoints of the services stay the same objects."""
    before = lab.endpoint_uids()
    lab.unit.configure({"version": EARLIER, "image-registry": "reg.lab:5000/kf"})
    lab.hook("config-changed")
    deployments = lab.api.list("apps/v1", "Deployment")
    pods = [deployment["spec"]["template"]["spec"] for deployment in deployments]
    images = [container["image"] for pod in pods for container in pod["containers"]]
    assert images
    assert all(image.startswith("reg.lab:5000/kf/") for image in images)
    lab.unit.configure({"version": EARLIER})
    lab.hook("config-changed")
    lab.report_pods_ready()
    with gateway(lab):
        assert lab.hook().startswith("active")
    assert before
    assert lab.endpoint_uids() == before
