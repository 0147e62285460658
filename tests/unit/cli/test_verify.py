"""The command `botlab verify` as a process, with the scripted client of each Juju release."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from botlab.live.cluster.model import LoadBalancer
from helpers.clusters import answers_of, healthy_cluster
from helpers.fake_apis.scripted_api import ScriptedApi
from helpers.kubeconfigs import kubeconfig_of, kubeconfig_text
from helpers.lab_processes import VERSIONS, LabProcess, ready_lab, verify_results
from helpers.live_models import ready_status
from helpers.scripted_juju import Fault, unit_lost

RELEASE_OF = {"2.6": "v1.13.12", "2.9": "v1.13.12", "3.6": "v1.35.2", "4.0": "v1.35.2"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ScriptedApi]:
    """Run an API server."""
    with ScriptedApi(tmp_path / "api") as server:
        yield server


def healthy_lab(directory: Path, release: str, api: ScriptedApi) -> LabProcess:
    """Return a lab in which every check passes. Its load balancer is the API server."""
    lab = ready_lab(directory, release)
    lab.pass_verify()
    cluster = healthy_cluster(lab.lab, ready_status(lab.lab))
    port = int(api.url.rpartition(":")[2])
    cluster.balancers = [LoadBalancer("istio-system", "gateway", ("127.0.0.1",), (port,))]
    cluster.release = RELEASE_OF[release]
    for index, node in enumerate(cluster.node_list):
        fields = {name: getattr(node, name) for name in node.__slots__}
        cluster.node_list[index] = type(node)(**fields | {"kubelet_version": RELEASE_OF[release]})
    api.answers = answers_of(cluster)
    lab.give_access(api.url, api.ca)
    return lab


@pytest.fixture
def lab(tmp_path: Path, api: ScriptedApi) -> LabProcess:
    """Return a healthy lab of Juju 3.6."""
    return healthy_lab(tmp_path, "3.6", api)


def failures(output: str) -> dict[str, str]:
    """Return the messages of the failed checks of a JSON output, by unit or cluster."""
    document = json.loads(output)
    failed = [check for check in document["checks"] if not check["ok"]]
    assert document["failures"] == [
        f"{check['name']}{' of ' + check['unit'] if check['unit'] else ''}: {check['message']}"
        for check in failed
    ]
    assert document["ok"] == (not failed)
    return {check["unit"] or check["name"]: check["message"] for check in failed}


@pytest.mark.parametrize("release", VERSIONS)
def test_healthy_lab_of_each_release_passes(
    tmp_path: Path, api: ScriptedApi, release: str
) -> None:
    lab = healthy_lab(tmp_path, release, api)

    ended = lab.run("verify", "--format", "json")

    assert failures(ended.stdout) == {}
    assert ended.returncode == 0
    units = [check["unit"] for check in json.loads(ended.stdout)["checks"]]
    assert units.count(None) == 7
    assert sum(unit is not None and unit.startswith("nvidia-runtime/") for unit in units) == len(
        lab.lab.facts.units_of("kubernetes-worker")
    )
    assert set(api.authorizations) == {"Bearer admins"}
    assert (lab.juju.violations, lab.juju.living_processes()) == ([], [])


def test_checks_are_one_table(lab: LabProcess, api: ScriptedApi) -> None:
    lab.juju.set_action_result(
        "metallb", "verify", verify_results(pods=True, pools=False), status="failed", message="x"
    )
    ended = lab.run("verify")

    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [
        "ok      nvidia-runtime/0      works          works is True",
        "ok      nvidia-runtime/1      works          works is True",
        "ok      nfs-server/0          works          works is True",
        "ok      metallb/0             pods           pods is True",
        "FAILED  metallb/0             pools          pools is False",
        "ok      kubeflow-installer/0  works          works is True",
        f"ok      cluster               api            {api.url} answers; its version is v1.35.2",
        "ok      cluster               nodes          4 of 4 nodes are ready",
        "ok      cluster               node-versions  the API server and 4 nodes have Kubernetes"
        " 1.35",
        "ok      cluster               gpus           allocatable nvidia.com/gpu: host-4: 2",
        "ok      cluster               storage-class  the default storage class is nfs",
        "ok      cluster               load-balancer  istio-system/gateway at"
        f" {api.url.removeprefix('https://')} answers",
        "ok      cluster               pods           all 1 pods of the systems run or have"
        " succeeded",
        "13 checks, 1 failed",
    ]
    assert ended.stderr == (
        "using juju client 3.6.26, controller ctrl (3.6.11), model admin/modern\n"
    )


def test_unhealthy_lab_has_exit_status_1_and_every_failure(
    lab: LabProcess, api: ScriptedApi
) -> None:
    lab.juju.set_action_result("metallb", "verify", status="failed", message="no address pool")
    lab.juju.set_action_result("nfs-server", "verify", {"ok": "true", "checks": '[{"name": "a'})
    lab.juju.change(unit_lost("kubeflow-installer/0"))
    api.answers["/api/v1/pods"] = lambda _: (500, {"message": "etcd has no leader"})

    ended = lab.run("verify", "--format", "json")

    assert ended.returncode == 1
    assert failures(ended.stdout) == {
        "nfs-server/0": "the answer has no checks that can be read; run juju run nfs-server/0"
        " verify -m ctrl:modern to see it",
        "metallb/0": "no address pool",
        "kubeflow-installer/0": "the Juju agent of the unit is lost, so no action runs; see juju"
        " show-status-log kubeflow-installer/0 -m ctrl:modern",
        "pods": f"{api.url}: answers with status 500 (etcd has no leader); check the address of"
        " the API and the proxies in between",
    }


@pytest.mark.parametrize("release", ["2.9", "3.6"])
def test_half_written_answer_of_the_client_is_a_failed_check(
    tmp_path: Path, api: ScriptedApi, release: str
) -> None:
    lab = healthy_lab(tmp_path, release, api)
    command = "run-action" if release == "2.9" else "run"
    lab.juju.fail(Fault.half_written(command).only_with("metallb/0"))

    ended = lab.run("verify", "--format", "json")

    assert ended.returncode == 1
    assert list(failures(ended.stdout)) == ["metallb/0"]


def test_unknown_fields_change_nothing(lab: LabProcess) -> None:
    lab.juju.fail(Fault.unknown_fields())

    assert lab.run("verify").returncode == 0


@pytest.mark.parametrize("release", ["2.6", "4.0"])
def test_action_that_does_not_end_has_exit_status_3(
    tmp_path: Path, api: ScriptedApi, release: str
) -> None:
    lab = healthy_lab(tmp_path, release, api)
    lab.juju.set_action_result("metallb", "verify", verify_results(works=True), seconds=300)

    start = time.monotonic()
    ended = lab.run("verify", "--format", "json", "--timeout", "20s")

    assert ended.returncode == 3
    assert "metallb/0" in failures(ended.stdout)
    assert time.monotonic() - start < 45
    assert lab.juju.living_processes() == []


def test_client_that_hangs_has_exit_status_3_and_leaves_no_process(lab: LabProcess) -> None:
    lab.juju.fail(Fault.hang("run", ignores_sigterm=True, has_child=True).only_with("metallb/0"))

    ended = lab.run("verify", "--format", "json", "--timeout", "20s")

    assert ended.returncode == 3
    assert "metallb/0" in failures(ended.stdout)
    assert lab.juju.living_processes() == []


def test_controller_that_refuses_has_exit_status_2(lab: LabProcess) -> None:
    lab.juju.fail(Fault.connection_refused())

    ended = lab.run("verify", "--format", "json")

    error = json.loads(ended.stdout)["error"]
    assert ended.returncode == 2
    assert ended.stderr == f"botlab: {error['message']}\n"


def test_interrupted_run_leaves_no_process(lab: LabProcess) -> None:
    lab.juju.set_action_result("metallb", "verify", verify_results(works=True), seconds=300)

    def until_the_action_runs() -> Iterator[None]:
        while not any("metallb/0" in call.arguments for call in lab.juju.calls):
            yield time.sleep(0.1)

    status, _ = lab.interrupt("verify", after=until_the_action_runs())

    assert status == 130
    assert lab.juju.living_processes() == []


@pytest.mark.parametrize(
    ("kubeconfig", "message"),
    [
        (
            "half of it: [",
            "action get-kubeconfig of kubernetes-control-plane/leader:2:1: is not YAML",
        ),
        (kubeconfig_text(insecure_skip_tls_verify=True), "switches off the verification of TLS"),
        ("", "is empty; wait until the control plane is active (botlab wait)"),
    ],
)
def test_kubeconfig_that_cannot_be_used_is_the_failed_check_of_the_api(
    lab: LabProcess, kubeconfig: str, message: str
) -> None:
    lab.give_kubeconfig(kubeconfig)

    ended = lab.run("verify", "--format", "json")

    assert ended.returncode == 1
    failed = failures(ended.stdout)
    assert list(failed) == ["api"]
    assert message in failed["api"]
    assert "secret-token" not in ended.stdout + ended.stderr


def test_expired_token_is_one_failed_check(lab: LabProcess, api: ScriptedApi) -> None:
    refusal: tuple[int, dict[str, Any]] = (401, {"message": "Unauthorized"})
    api.answers = dict.fromkeys(api.answers, lambda _: refusal)

    ended = lab.run("verify", "--format", "json")

    assert ended.returncode == 1
    assert failures(ended.stdout) == {
        "api": f"{api.url}: answers with status 401 (Unauthorized); its token or certificate is"
        " wrong or has expired; fetch it anew with botlab kubeconfig"
    }


def test_kubeconfig_of_the_user_is_used_instead(lab: LabProcess, api: ScriptedApi) -> None:
    lab.give_kubeconfig("unusable")
    (lab.site.parent / "ca.crt").write_text(api.ca)
    document = json.loads(kubeconfig_of(api.url, "", token="mine"))  # noqa: S106
    document["clusters"][0]["cluster"] = {"server": api.url, "certificate-authority": "ca.crt"}
    (lab.site.parent / "mine.yaml").write_text(json.dumps(document))

    ended = lab.run("verify", "--kubeconfig", "mine.yaml")

    assert ended.returncode == 0
    assert set(api.authorizations) == {"Bearer mine"}


@pytest.mark.parametrize("text", [None, "- a\n"])
def test_kubeconfig_of_the_user_that_cannot_be_read_has_exit_status_2(
    lab: LabProcess, text: str | None
) -> None:
    if text:
        (lab.site.parent / "mine.yaml").write_text(text)

    ended = lab.run("verify", "--kubeconfig", "mine.yaml")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("botlab: mine.yaml: ")
    assert lab.juju.calls == []
