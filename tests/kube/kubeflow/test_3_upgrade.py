"""The upgrade to the next release, and an API that fails now and then."""

from __future__ import annotations

from pathlib import Path

from helpers.kube.fault_proxy import FaultProxy
from helpers.kubeflow import generated
from helpers.kubeflow.installed import EARLIER, OWN_OBJECTS, RELEASE, STATE, connect, gateway
from helpers.kubeflow.lab import ADDRESS, Lab, LoadBalancer, attach, repeat_until, results


def stored_release(lab: Lab) -> str:
    """Return the release that the stored state names."""
    return str(lab.get("ConfigMap", STATE, "kube-system")["data"]["release"])


def test_option_version_does_not_upgrade_but_the_action_reports_problems(lab: Lab) -> None:
    lab.unit.configure({"version": RELEASE})
    refused = lab.unit.action("upgrade", version="1.10.2")
    assert "upstream does not support a downgrade from 1.11.0 to 1.10.2" in refused["failed"]
    refused = lab.unit.action("upgrade", apply=True)
    assert "load-balancer: no LoadBalancer address within 15 s" in refused["failed"]
    assert "; manifests: objects of Kubeflow 26.03 are missing: " in refused["failed"]
    assert stored_release(lab) == EARLIER


def test_plan_shows_the_changes_and_the_action_makes_them(
    lab: Lab, built: dict[str, Path]
) -> None:
    """Leftovers are pruned, and the endpoints of remaining services stay the same objects."""
    attach(lab.unit, manifests=built[RELEASE])
    with LoadBalancer(lab.server):
        planned = lab.unit.action("upgrade")
    assert "failed" not in planned
    plan = results(planned)
    assert (plan["from"], plan["to"]) == (EARLIER, RELEASE)
    assert plan["created"]
    assert plan["pruned"]
    assert len(plan["created"]) + len(plan["changed"]) < 600
    assert not [name for name in plan["pruned"] if name.startswith("Endpoint")]
    endpoints = lab.endpoint_uids()
    assert stored_release(lab) == EARLIER
    _check_that_a_hook_changes_nothing(lab)
    _change_options_before_the_upgrade(lab)

    with LoadBalancer(lab.server):
        applied = lab.unit.action("upgrade", apply=True)
    assert "failed" not in applied
    lab.report_pods_ready()
    with gateway(lab):
        status = repeat_until(
            lambda: lab.unit.status() if "active" in lab.unit.status() else "", lab.hook
        )
    assert status.startswith(f"active: https://{ADDRESS}")
    assert results(lab.unit.action("list-objects"))["ok"] is True
    assert plan["left"] == []
    owned = lab.owned_versions()
    assert len(owned) == len(generated.objects(RELEASE)) + OWN_OBJECTS
    assert not [name for name in plan["pruned"] if name in owned]
    after = lab.endpoint_uids()
    remaining = {name: uid for name, uid in endpoints.items() if name in after}
    assert len(remaining) > 60
    assert remaining == {name: uid for name, uid in after.items() if name in endpoints}


def _check_that_a_hook_changes_nothing(lab: Lab) -> None:
    before = lab.owned_versions()
    with gateway(lab):
        assert lab.hook("upgrade-charm").startswith("active: https://")
    assert (
        'run the action "upgrade" for version 26.03; the files are not those that Kubeflow'
        " 1.11.0 was installed from; the action upgrade applies them"
    ) in lab.unit.log()
    assert lab.owned_versions() == before


def _change_options_before_the_upgrade(lab: Lab) -> None:
    """Check that a new password and other options reach the installed release's objects."""
    before = lab.get("Secret", "dex-passwords", "auth")["data"]
    lab.unit.configure({"version": RELEASE, "image-registry": "reg.lab:5000/kf"})
    assert "failed" not in lab.unit.action("rotate-credentials")
    assert lab.get("Secret", "dex-passwords", "auth")["data"] != before
    dashboard = lab.get("Deployment", "centraldashboard", "kubeflow", "apps/v1")
    (container,) = dashboard["spec"]["template"]["spec"]["containers"]
    assert container["image"].startswith("reg.lab:5000/kf/")
    assert stored_release(lab) == EARLIER
    lab.unit.configure({"version": RELEASE})


def test_failures_of_the_api_change_nothing_in_the_end(lab: Lab) -> None:
    """Some requests get 429, 500 or 503."""
    lab.server.kubectl("-n", "kubeflow", "delete", "deploy,svc", "--all")
    faults = {5: 429, 17: 503, 40: 500, 41: 500, 90: 429}
    with FaultProxy(lab.server, lambda number: faults.get(number, 0)) as proxy:
        connect(lab.unit, proxy.url, proxy.ca)
        lab.hook()
        assert proxy.requests > 90
    lab.relate(lab.unit, "today")
    repeat_until(lambda: results(lab.unit.action("list-objects"))["ok"], lab.hook)
    assert results(lab.unit.action("list-objects"))["ok"] is True
