"""What `verify` looks at, with an API that is a dictionary; what a trial makes is taken away."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import pytest

from kubeflow_installer.transform.notebooks import Toleration
from kubeflow_installer.verify import checks as checks_module
from kubeflow_installer.verify.notebook import Notebook, Trial
from labcharm.machine import Machine
from labcharm.verify import Check
from labkube.client.api import ApiError, UnknownKindError

USER = "admin@kubeflow.org"
GPU = "nvidia.com/gpu"


class Inventory(NamedTuple):
    """What a release consists of."""

    namespaces: tuple[str, ...]
    workloads: tuple[tuple[str, str, str], ...]
    claims: tuple[tuple[str, str], ...]


INVENTORY = Inventory(
    ("kubeflow", "istio-system"),
    (
        ("Deployment", "kubeflow", "centraldashboard"), ("StatefulSet", "kubeflow", "manager"),
        ("DaemonSet", "kube-system", "cni"), ("Deployment", "kubeflow", "spartakus"),
    ),
    (("kubeflow", "mysql"), ("kubeflow", "minio")),
)  # fmt: skip
SPARTAKUS = ("Deployment", "kubeflow", "spartakus")


def made(kind: str, name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    """Make an object."""
    metadata = {"name": name, "generation": 1} | ({"namespace": namespace} if namespace else {})
    return {"kind": kind, "metadata": metadata, **more}


def workload(kind: str, namespace: str, name: str, ready: int = 1) -> dict[str, Any]:
    """Make a workload with as many pods ready of one."""
    status = {"observedGeneration": 1, "readyReplicas": ready}
    if kind == "DaemonSet":
        status |= {"desiredNumberScheduled": 1, "numberReady": ready}
    return made(kind, name, namespace, spec={"replicas": 1}, status=status)


def whole() -> list[dict[str, Any]]:
    """Make all that the inventory names."""
    found = [made("Namespace", one, status={"phase": "Active"}) for one in INVENTORY.namespaces]
    found += [workload(kind, where, name) for kind, where, name in INVENTORY.workloads]
    found += [
        made("PersistentVolumeClaim", name, where, status={"phase": "Bound"})
        for where, name in INVENTORY.claims
    ]
    return found


class FakeApi:
    """Lists by kind; makes notebooks, and pods for them as told.

    Args:
        objects: What is there.
        version: The one version of kubeflow.org that is served.
        pod: What a notebook's pod says of itself; without one there is no pod.
    """

    def __init__(
        self, objects: list[dict[str, Any]], version: str = "v1", pod: dict[str, Any] | None = None
    ) -> None:
        self.objects = copy.deepcopy(objects)
        self._version, self._pod = f"kubeflow.org/{version}", pod
        self.lists: list[str] = []
        self.created: list[dict[str, Any]] = []
        self.refuses = ""

    def kind(self, api_version: str, kind: str) -> None:
        """Know a version of kubeflow.org."""
        if api_version.startswith("kubeflow.org/") and api_version != self._version:
            raise UnknownKindError(f"the server has no {kind} of {api_version}")

    def list(self, api_version: str, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        self.kind(api_version, kind)
        self.lists.append(kind)
        return [one for one in self.objects if one["kind"] == kind]

    def get(self, found: dict[str, Any]) -> Any:
        """Return the notebook's pod, which ends with it."""
        assert found["kind"] == "Pod"
        assert found["metadata"]["name"] == "kubeflow-verify-x-0"
        there = any(one["kind"] == "Notebook" for one in self.objects)
        return {"kind": "Pod", "status": self._pod} if there and self._pod is not None else None

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Make a notebook."""
        if self.refuses:
            raise ApiError(403, "Forbidden", self.refuses)
        self.created.append(body)
        found = {**body, "metadata": {**body["metadata"], "name": "kubeflow-verify-x"}}
        self.objects.append(found)
        return found

    def delete(self, found: dict[str, Any]) -> bool:
        """Take a notebook away."""
        self.objects = [one for one in self.objects if one["kind"] != found["kind"]]
        return True

    def request(self, *_: Any, query: dict[str, str]) -> dict[str, Any]:
        """Return what was said of an object."""
        name = query["fieldSelector"].partition("=")[2]
        return {"items": [{"message": "early"}, {"message": f"the last word on {name}"}]}


def by_name(checks: list[Check]) -> dict[str, tuple[bool, str]]:
    """Return the checks by their names."""
    return {one.name: (one.ok, one.message) for one in checks}


def test_everything_is_there() -> None:
    """A list a kind is asked for, however many there are."""
    api = FakeApi(whole())
    assert by_name(checks_module.inventory_checks(api, INVENTORY)) == {
        "namespaces": (True, "2 there"),
        "workloads": (True, "4 ready"),
        "claims": (True, "2 bound"),
    }
    assert sorted(api.lists) == [
        "DaemonSet", "Deployment", "Namespace", "PersistentVolumeClaim", "StatefulSet",
    ]  # fmt: skip


def test_what_was_left_out_is_not_missed() -> None:
    """It may be there or not."""
    there = [one for one in whole() if one["metadata"]["name"] != "spartakus"]
    found = by_name(checks_module.inventory_checks(FakeApi(there), INVENTORY, [SPARTAKUS]))
    assert found["workloads"] == (True, "3 ready")
    found = by_name(checks_module.inventory_checks(FakeApi(there), INVENTORY))
    assert found["workloads"] == (False, "Deployment kubeflow/spartakus is missing")


def test_what_is_wrong_is_named() -> None:
    """Each by kind, namespace and name, and how it stands; the reasons after that."""
    objects = whole()
    objects[0]["status"] = {"phase": "Terminating"}
    del objects[1]
    objects[1]["status"]["readyReplicas"] = 0
    objects[-1]["status"] = {"phase": "Pending"}
    asked = []

    def diagnose(_: Any, waiting: list[Any]) -> list[str]:
        asked.extend(waiting)
        return ["centraldashboard's image cannot be pulled"]

    found = by_name(checks_module.inventory_checks(FakeApi(objects), INVENTORY, (), diagnose))
    assert found == {
        "namespaces": (False, "kubeflow is Terminating, istio-system is missing"),
        "workloads": (
            False,
            "Deployment kubeflow/centraldashboard has 0 of 1 ready;"
            " centraldashboard's image cannot be pulled",
        ),
        "claims": (False, "kubeflow/minio is Pending; the last word on minio"),
    }
    assert asked == [("Deployment", "kubeflow", "centraldashboard")]


def test_nothing_is_there() -> None:
    """Three are named, the rest counted; nothing is asked of what is not there."""
    found = by_name(checks_module.inventory_checks(FakeApi([]), INVENTORY, (), lambda *_: ["x"]))
    assert found["workloads"] == (
        False,
        "DaemonSet kube-system/cni is missing, Deployment kubeflow/centraldashboard is missing,"
        " Deployment kubeflow/spartakus is missing and 1 more",
    )
    assert found["claims"][1] == "kubeflow/mysql is not there yet, kubeflow/minio is not there yet"


class FakeGateway:
    """A gateway that says what it is told to."""

    def __init__(self, address: str, doubt: str = "", wrong: str = "") -> None:
        self._address, self._doubt, self._wrong = address, doubt, wrong

    def address(self) -> str:
        """Return the address."""
        return self._address

    def url(self) -> str:
        """Return the URL."""
        return f"https://{self._address}"

    def doubt(self, _: Machine) -> str:
        """Judge the certificate."""
        return self._doubt

    def certificate(self, _: Machine) -> str:
        """Tell of the certificate."""
        return "the certificate is for 127.0.0.1, for 300 more days"

    def check(self) -> str:
        """Judge the first page."""
        return self._wrong

    def login(self, user: str, password: str) -> str:
        """Log in."""
        return "" if password == "right" else f"refuses {user}"  # noqa: S105


def at(gateway: Any, hostname: str = "") -> dict[str, tuple[bool, str]]:
    """Look at a gateway."""
    return by_name(checks_module.gateway_checks(gateway, hostname, Machine()))


def test_the_way_in() -> None:
    """Address, certificate and first page."""
    assert at(FakeGateway("127.0.0.1")) == {
        "address": (True, "the gateway was given 127.0.0.1"),
        "certificate": (True, "the certificate is for 127.0.0.1, for 300 more days"),
        "url": (True, "https://127.0.0.1 leads to the login"),
    }
    wrong = at(FakeGateway("127.0.0.1", "has ended", "answers 404"))
    assert (wrong["certificate"], wrong["url"]) == ((False, "has ended"), (False, "answers 404"))
    assert list(at(FakeGateway(""))) == ["address"]
    assert not at(FakeGateway(""))["address"][0]


@pytest.mark.parametrize(
    ("hostname", "address", "verdict"),
    [
        ("localhost", "127.0.0.1", (True, "localhost leads to ")),
        ("localhost", "10.64.0.100", (False, ", not to 10.64.0.100")),
        ("localhost", "localhost", (True, "localhost leads to ")),
        ("kubeflow.invalid", "10.64.0.100", (True, "does not know kubeflow.invalid; let it")),
    ],
)
def test_the_host_name(hostname: str, address: str, verdict: tuple[bool, str]) -> None:
    """One that leads elsewhere is wrong; one that is not known here need not be."""
    ok, told = at(FakeGateway(address), hostname)["hostname"]
    assert (ok, verdict[1] in told) == (verdict[0], True), told


def test_the_login() -> None:
    """Its words are the check's."""
    gateway: Any = FakeGateway("127.0.0.1")
    right = checks_module.login_check(gateway, USER, "right")
    assert right == Check("login", True, f"{USER} reached the dashboard")
    assert checks_module.login_check(gateway, USER, "x") == Check(
        "login", False, f"refuses {USER}"
    )


def profile(user: str = USER) -> dict[str, Any]:
    """Make a user's profile."""
    return made("Profile", "admin", spec={"owner": {"kind": "User", "name": user}})


def run(api: FakeApi, gpu: str = GPU, *taints: Toleration) -> tuple[bool, str]:
    """Try a notebook; nothing may be left."""
    trial = Trial("jupyter:1", gpu, taints, 0.02)
    check = Notebook(api, trial, lambda _: None).check(USER)  # type: ignore[arg-type]
    assert [one for one in api.objects if one["kind"] == "Notebook"] == []
    return check.ok, check.message


READY = {"conditions": [{"type": "Ready", "status": "True"}]}


@pytest.mark.parametrize("version", ["v1", "v1beta1", "v1alpha1"])
def test_a_notebook_runs(version: str) -> None:
    """In the version that the server has, with one GPU, in the user's namespace."""
    api = FakeApi([profile()], version, READY)
    assert run(api) == (True, "a notebook with one nvidia.com/gpu ran")
    body = api.created[0]
    assert body["apiVersion"] == f"kubeflow.org/{version}"
    assert body["metadata"] == {"generateName": "kubeflow-verify-", "namespace": "admin"}
    assert body["spec"]["template"]["spec"]["containers"] == [
        {"name": "notebook", "image": "jupyter:1", "resources": {"limits": {GPU: "1"}}}
    ]


def test_a_notebook_tolerates_what_users_may_let_it() -> None:
    """Machines with GPUs often have a taint, and without this it would wait for ever."""
    api = FakeApi([profile()], pod=READY)
    taints = (Toleration("gpu", "yes", "NoSchedule"), Toleration("big", "", "NoExecute"))
    assert run(api, GPU, *taints)[0]
    assert api.created[0]["spec"]["template"]["spec"]["tolerations"] == [
        {"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
        {"key": "big", "operator": "Exists", "effect": "NoExecute"},
    ]
    run(api)
    assert "tolerations" not in api.created[1]["spec"]["template"]["spec"]


def test_a_notebook_without_a_gpu() -> None:
    """Where the option says none."""
    api = FakeApi([profile()], pod=READY)
    assert run(api, "") == (True, "a notebook without a GPU ran")
    assert "resources" not in api.created[0]["spec"]["template"]["spec"]["containers"][0]


@pytest.mark.parametrize(
    ("pod", "told"),
    [
        (None, "the last word on kubeflow-verify-x"),
        ({}, "the last word on kubeflow-verify-x-0"),
        (
            {"conditions": [{"type": "PodScheduled", "status": "False", "message": "no GPU"}]},
            "no GPU",
        ),
        (
            {"containerStatuses": [{"state": {"running": {}}}, {"state": {"waiting": {
                "reason": "ImagePullBackOff", "message": "no such image"}}}]},
            "ImagePullBackOff: no such image",
        ),
    ],
)  # fmt: skip
def test_a_notebook_that_does_not_run(pod: dict[str, Any] | None, told: str) -> None:
    """With the reason, as near to the cause as it can be seen."""
    assert run(FakeApi([profile()], pod=pod)) == (
        False,
        f"a notebook with one nvidia.com/gpu does not run after 0 s: {told}",
    )


def test_no_notebook_can_be_made() -> None:
    """No profile, somebody else's, no such kind, refused."""
    for objects, version in (([], "v1"), ([profile("other@x")], "v1"), ([profile()], "v9")):
        ok, told = run(FakeApi(objects, version))
        assert (ok, told) == (False, f"the user {USER} has no profile yet")
    api = FakeApi([profile()])
    api.refuses = "a webhook says no"
    assert run(api) == (False, "it is not taken: a webhook says no")
