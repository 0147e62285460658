"""Kubeflow of one application, step by step, on a server in memory; kfctl is played."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.kubeflow.memory_api import MemoryApi
from kubeflow_installer.errors import BlockedError, WaitingError
from kubeflow_installer.installation import Kubeflow, Site
from kubeflow_installer.jobs import launcher, workdir
from kubeflow_installer.kfctl import kfdef
from kubeflow_installer.options import CHECKS, read_options
from kubeflow_installer.reconcile import loop, readiness
from kubeflow_installer.reconcile import plan as plan_module
from kubeflow_installer.releases import inventory
from kubeflow_installer.sources.files import Sources
from kubeflow_installer.state.credentials import Credentials
from kubeflow_installer.verify import verify
from labcharm.machine import Machine
from labkube.apply.objects import ForeignObjectError
from labkube.client.access import Access

Object = dict[str, Any]
HASH, OTHER_HASH = ("$2a$10$" + letter * 53 for letter in "ho")
SHIPPED = "$2y$10$" + "s" * 53
APPLICATION = "kubeflow-installer.0"
NAMESPACE = "kubeflow"
_CLAIM = "PersistentVolumeClaim"


def made(api: str, kind: str, name: str, namespace: str = "", **more: Any) -> Object:
    """Return an object as upstream has it."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


def definition(plural: str, kind: str, version: str, scope: str = "Cluster") -> Object:
    """Return a definition."""
    names = {"plural": plural, "kind": kind}
    versions = [{"name": version, "served": True, "storage": True}]
    spec = {"group": "kubeflow.org", "scope": scope, "names": names, "versions": versions}
    group = "apiextensions.k8s.io/v1"
    return made(group, "CustomResourceDefinition", f"{plural}.kubeflow.org", spec=spec)


def workload(name: str, namespace: str = NAMESPACE) -> Object:
    """Return a Deployment of one container."""
    container = {"name": "main", "image": f"gcr.io/kubeflow/{name}:v1"}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return made("apps/v1", "Deployment", name, namespace, spec={"template": template})


def dex(email: str, password_hash: str, namespace: str, host: str = "") -> list[Object]:
    """Return dex, and its settings."""
    config = {
        "issuer": f"https://{host}:5556/dex",
        "staticPasswords": [{"email": email, "hash": password_hash}],
    }
    data = {"config.yaml": yaml.safe_dump(config)}
    return [made("v1", "ConfigMap", "dex", namespace, data=data), workload("dex", namespace)]


class Lab:
    """A cluster and a unit beside it.

    Args:
        folder: The unit's machine.
        server: The server's version.
        files: The attached resources.
        config: The options.
    """

    def __init__(
        self, folder: Path, server: tuple[int, int], files: Mapping[str, str], **config: str
    ) -> None:
        self.api, self.folder = MemoryApi(server), folder
        self.files = dict(files)
        # What looks at nodes, addresses and rights has tests of its own.
        looks = {"skipped-checks": " ".join(name for name in CHECKS if name != "manifests")}
        self.config = {"user": "admin@lab.example", **looks, **config}
        self.hash = HASH

    def kubeflow(self) -> Kubeflow:
        """Return what a hook makes."""
        options = read_options(self.config)
        machine = Machine(str(self.folder / "root"))
        sources = Sources(
            machine, "/files", "kubeflow", lambda name: self.files.get(name, ""),
            options.pinned, {},
        )  # fmt: skip
        site = Site(
            machine, "/home", options, sources, Access("https://127.0.0.1:9", "", "t"),
            APPLICATION, lambda: Credentials(options.user, "password", self.hash),
        )  # fmt: skip
        api: Any = self.api
        return Kubeflow(api, site, lambda _: None)

    def go_on(self, adopt: bool = False, force: bool = False) -> str:
        """Take one step further."""
        return loop.go_on(self.kubeflow(), adopt, force)

    def check_following(self) -> None:
        """Look whether other credentials would reach the objects."""
        loop.check_following(self.kubeflow())

    def hook(self, adopt: bool = False) -> str:
        """Go on until nothing is left to apply; return what is waited for then."""
        for _ in range(3):
            with pytest.raises(WaitingError) as error:
                self.go_on(adopt, force=True)
            if "kfctl is started" not in str(error.value):
                break
        return str(error.value)

    def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        """Return an object by kind, namespace and name."""
        for (_, *place), one in self.api.objects.items():
            if place == [kind, namespace, name]:
                return one
        return None

    def names(self, kind: str) -> list[str]:
        """Return the names of a kind's objects."""
        return sorted(key[3] for key in self.api.objects if key[1] == kind)

    def entry(self, namespace: str) -> Object:
        """Return dex's one user."""
        live = self.get("ConfigMap", "dex", namespace)
        assert live is not None
        config = yaml.safe_load(live["data"]["config.yaml"])
        found: Object = config["staticPasswords"][0]
        return found

    def another_leader(self, folder: Path) -> None:
        """Go on from another machine, which knows nothing."""
        self.folder = folder


# By kfctl.


class Played:
    """kfctl of 0.6: it makes few objects, and ends at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.jobs: list[Mapping[str, Any]] = []
        self._starts = launcher.start
        monkeypatch.setattr(launcher, "start", self.start)

    def start(self, folder: str, wanted: Mapping[str, Any]) -> bool:
        """Leave what a run leaves; what builds manifests is no kfctl."""
        if "builds" in wanted:
            return self._starts(folder, wanted)
        self.jobs.append(wanted)
        Path(folder).mkdir(parents=True)
        lines = [json.dumps(one) + "\n" for one in self.objects(wanted)]
        Path(folder, workdir.OBJECTS).write_text("".join(lines))
        result = {"ok": True, "passes": True, "step": "", "message": ""}
        Path(folder, "result.json").write_text(json.dumps(result))
        return True

    def objects(self, wanted: Mapping[str, Any]) -> list[Object]:
        """Return what it makes of a job."""
        user, host = wanted["user"], wanted["fitting"]["hostname"]
        profile = kfdef.profile(wanted["release"], user)
        owner = {"owner": {"kind": "User", "name": user}}
        left_out = [made("v1", "ConfigMap", "argo", NAMESPACE, data={"a": "b"})]
        return [
            made("v1", "Namespace", NAMESPACE),
            definition("profiles", "Profile", "v1alpha1"),
            made("kubeflow.org/v1alpha1", "Profile", profile, spec=owner),
            made("v1", "Secret", "mysql-secret", NAMESPACE, data={"key": "dmFsdWU="}),
            *dex(user, SHIPPED, NAMESPACE, host),
            *([] if "argo" in wanted["excluded"] else left_out),
        ]


@pytest.fixture
def kfctl(monkeypatch: pytest.MonkeyPatch) -> Played:
    return Played(monkeypatch)


def kfctl_files(folder: Path) -> dict[str, str]:
    """Return what is attached for 0.6."""
    found = {name: folder / name for name in ("kfctl", "manifests", "platform")}
    for name, path in found.items():
        path.write_text(name)
    return {name: str(path) for name, path in found.items()}


@pytest.fixture
def old(tmp_path: Path, kfctl: Played) -> Lab:
    """A cluster of 1.13 with 0.6.2 on it."""
    lab = Lab(tmp_path, (1, 13), kfctl_files(tmp_path))
    assert lab.hook().endswith("the gateway has no address yet")
    assert len(kfctl.jobs) == 1
    return lab


def test_kfctl_knows_the_first_user_for_ever(old: Lab, kfctl: Played) -> None:
    """It names the Profile, with which the namespace and all data would go; the owner changes."""
    assert old.names("Profile") == ["kubeflow-admin"]
    old.config["user"] = "jo@lab.example"
    old.hook()
    old.config["excluded-components"] = "argo"
    old.hook()

    assert [one["user"] for one in kfctl.jobs] == ["admin@lab.example"] * 2
    assert old.names("Profile") == ["kubeflow-admin"]
    profile = old.get("Profile", "kubeflow-admin")
    assert profile is not None
    assert profile["spec"]["owner"]["name"] == "jo@lab.example"
    assert old.entry(NAMESPACE)["email"] == "jo@lab.example"
    assert old.get("ConfigMap", "argo", NAMESPACE) is None


def test_another_host_name_reaches_dex(old: Lab, kfctl: Played) -> None:
    """It is in the issuer by kfctl of 0.6, which dex reads as it starts: so dex starts anew."""

    def template() -> Any:
        live = old.get("Deployment", "dex", NAMESPACE)
        return live and live["spec"]["template"]

    before = template()
    old.config["hostname"] = "kf.lab.example"
    old.hook()
    assert len(kfctl.jobs) == 2
    live = old.get("ConfigMap", "dex", NAMESPACE)
    assert live is not None
    issuer = yaml.safe_load(live["data"]["config.yaml"])["issuer"]
    assert issuer == "https://kf.lab.example:5556/dex"
    assert template() != before


def test_a_record_of_an_older_charm(old: Lab, kfctl: Played) -> None:
    """It names no user: whoever is it now is kept from then on, and kfctl is not run for it."""
    name = "kubeflow-installer-state-" + APPLICATION
    live = old.get("ConfigMap", name, "kube-system")
    assert live is not None
    del live["data"]["user"]
    live["metadata"]["annotations"] = {}
    old.hook()
    assert len(kfctl.jobs) == 1
    assert old.kubeflow().keeper.read().user == "admin@lab.example"


# By manifests.

NOTEBOOKS = definition("notebooks", "Notebook", "v1", "Namespaced")
STUDIES = definition("studies", "Study", "v1", "Namespaced")
BASE = [
    made("v1", "Namespace", NAMESPACE),
    made("v1", "Namespace", "auth"),
    definition("profiles", "Profile", "v1"),
    *dex("user@example.com", SHIPPED, "auth"),
    made("v1", "Secret", "mysql-secret", NAMESPACE, data={"key": "dmFsdWU="}),
    workload("centraldashboard"),
]
OVER = [
    made("v1", "Namespace", "knative"),
    made("v1", "PersistentVolumeClaim", "minio", NAMESPACE, spec={}),
    made("kubeflow.org/v1", "Profile", "team", spec={"owner": {"kind": "User", "name": "a"}}),
    NOTEBOOKS,
    STUDIES,
    made("kubeflow.org/v1", "Study", "ours", NAMESPACE, spec={}),
    workload("minio"),
]


def attach(lab: Lab, objects: list[Object]) -> None:
    """Attach manifests that were built."""
    path = lab.folder / "manifests.yaml"
    path.write_text(yaml.safe_dump_all(objects))
    lab.files["manifests"] = str(path)


@pytest.fixture
def new(tmp_path: Path) -> Lab:
    """A cluster of 1.25 with 1.8.1 on it."""
    lab = Lab(tmp_path, (1, 25), {}, version="1.8.1")
    attach(lab, BASE + OVER)
    assert lab.hook().endswith("the gateway has no address yet")
    return lab


def test_what_may_hold_data_is_not_pruned(new: Lab) -> None:
    """Namespaces, claims, Profiles, and definitions of which somebody else has an object.

    The plan says so before it is done, and list-objects after.
    """
    new.api.create(made("kubeflow.org/v1", "Notebook", "mine", "team", spec={}))
    attach(new, BASE)
    kubeflow = new.kubeflow()
    plan = plan_module.plan(kubeflow, "1.8.1")
    assert plan.objects is not None
    stay = {
        "Namespace knative", f"PersistentVolumeClaim {NAMESPACE}/minio", "Profile team",
        "CustomResourceDefinition notebooks.kubeflow.org",
    }  # fmt: skip
    go = {
        "CustomResourceDefinition studies.kubeflow.org", f"Study {NAMESPACE}/ours",
        f"Deployment {NAMESPACE}/minio",
    }  # fmt: skip
    assert set(plan.objects.extra) == go
    assert set(kubeflow.left) == stay

    plan_module.move(kubeflow, "1.8.1")
    new.api.writes.clear()
    new.hook()
    gone = {one.partition(" ")[2] for one in new.api.writes if one.startswith("DELETE")}
    assert gone == {one.replace(NAMESPACE + "/", "") for one in go}
    kubeflow = new.kubeflow()
    found = plan_module.compare(kubeflow)
    assert (found.changed, found.missing, found.extra) == ([], [], [])
    assert set(kubeflow.left) == stay


# What is known of an installation, and by whom.


def no_files(lab: Lab) -> None:
    """Take the files away: a machine that cannot fetch them."""
    lab.files.clear()
    lab.config["manifests-url"] = "http://127.0.0.1:9/gone#sha256=" + "0" * 64


def test_credentials_and_options_follow_without_the_files(new: Lab, tmp_path: Path) -> None:
    """On another leader that cannot fetch them; what needs them is told, and why."""
    new.another_leader(tmp_path / "other")
    no_files(new)
    new.hash = OTHER_HASH
    new.config.update({"user": "jo@lab.example", "image-registry": "reg.lab:5000"})
    new.check_following()
    new.hook()

    assert new.entry("auth") == {"email": "jo@lab.example", "hash": OTHER_HASH}
    assert all(
        one["spec"]["template"]["spec"]["containers"][0]["image"].startswith("reg.lab:5000/")
        for place, one in new.api.objects.items()
        if place[1] == "Deployment"
    )
    new.config["image-registry"] = ""
    new.hook()
    live = new.get("Deployment", "centraldashboard", NAMESPACE)
    assert live is not None
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == (
        "gcr.io/kubeflow/centraldashboard:v1"
    )


def test_credentials_follow_beside_other_files(new: Lab) -> None:
    """Which are for the action upgrade: nothing else of them is applied."""
    attach(new, [*BASE, workload("later")])
    new.hash = OTHER_HASH
    new.check_following()
    new.hook()
    assert new.entry("auth")["hash"] == OTHER_HASH
    assert new.get("Deployment", "later", NAMESPACE) is None
    assert new.get("Deployment", "minio", NAMESPACE) is not None


def remark(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return what is said beside the address."""
    told: list[str] = []
    monkeypatch.setattr(readiness, "serve", lambda *args: told.append(args[-1]) or told[-1])
    return lab.go_on()


def test_what_is_not_applied_is_told(new: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the cause; what is fitted is applied, so nothing is said of it."""
    assert remark(new, monkeypatch) == ""
    new.config["gpu-vendor"] = "amd.com/gpu"
    no_files(new)
    assert remark(new, monkeypatch) == ""
    new.config["excluded-components"] = "katib"
    told = remark(new, monkeypatch)
    assert told.startswith("excluded-components is not applied, as it needs files: manifests: ")
    attach(new, BASE)
    assert remark(new, monkeypatch) == (
        "other files are at hand than Kubeflow 1.8.1 was made from; upgrade takes them, and"
        " excluded-components"
    )


def book(lab: Lab) -> list[str]:
    """Return the names of the Secrets that hold the release's objects."""
    names = lab.names("Secret")
    return [one for one in names if one.startswith("kubeflow-installer-objects-")]


def test_without_a_record_no_password_is_forgotten(
    new: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New credentials are refused before they are made, with the mend; the files bring it back."""
    (name,) = book(new)
    attached = new.files["manifests"]
    del new.api.objects["", "Secret", "kube-system", name]
    no_files(new)
    with pytest.raises(BlockedError, match="are gone, so options and credentials are not applied"):
        new.check_following()
    with monkeypatch.context() as patch:
        told = remark(new, patch)
        assert told.startswith("the Secrets of kube-system that hold the release's objects are")
    new.config["manifests-url"] = ""
    new.files["manifests"] = attached
    new.check_following()
    new.hook()
    assert book(new) == [name]


def test_no_password_is_forgotten_where_nothing_goes_on(new: Lab) -> None:
    """For what blocks the next hook would keep it from dex."""
    new.config["excluded-components"] = "no-such-thing"
    with pytest.raises(BlockedError, match="no-such-thing"):
        new.check_following()


def test_another_leader_knows_secrets_and_definitions(
    old: Lab, kfctl: Played, tmp_path: Path
) -> None:
    """Where kfctl did not run; nothing is written, all is compared, and what went comes back."""
    old.another_leader(tmp_path / "other")
    old.api.writes.clear()
    old.hook()
    found = plan_module.compare(old.kubeflow())
    assert (found.changed, found.missing, found.extra) == ([], [], [])
    assert old.api.writes == []

    del old.api.objects["", "Secret", NAMESPACE, "mysql-secret"]
    del old.api.objects[
        "apiextensions.k8s.io", "CustomResourceDefinition", "", "profiles.kubeflow.org"
    ]
    found = plan_module.compare(old.kubeflow())
    assert set(found.missing) >= {
        f"Secret {NAMESPACE}/mysql-secret",
        "CustomResourceDefinition profiles.kubeflow.org",
    }
    old.hook()
    assert old.get("Secret", "mysql-secret", NAMESPACE) is not None
    assert old.names("CustomResourceDefinition") == ["profiles.kubeflow.org"]
    assert len(kfctl.jobs) == 1


def test_adopting_what_is_installed_needs_no_files(new: Lab) -> None:
    """It stays installed."""
    no_files(new)
    new.hook(adopt=True)
    state = new.kubeflow().keeper.read()
    assert (state.phase, state.adopt) == ("installed", True)


# What others made.


def by_hand(lab: Lab, kfctl: Played) -> None:
    """Put there what kfctl would make by hand: its objects, an address, and its certificate."""
    wanted = {"release": "0.6.2", "user": "admin@lab.example", "excluded": []}
    for one in kfctl.objects({**wanted, "fitting": {"hostname": ""}}):
        lab.api.create(one)
    ingress = {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.5"}]}}}
    spec = {"spec": {"type": "LoadBalancer"}}
    gateway = made("v1", "Service", "istio-ingressgateway", "istio-system", **spec, **ingress)
    lab.api.create(gateway)
    data = {"tls.crt": "bm9uZQ==", "tls.key": "bm9uZQ=="}
    name, namespace = "istio-ingressgateway-certs", "istio-system"
    lab.api.create(made("v1", "Secret", name, namespace, type="kubernetes.io/tls", data=data))


def test_an_installation_by_hand_is_taken_over(tmp_path: Path, kfctl: Played) -> None:
    """With the certificate that kfctl 0.6 made; unasked it is somebody else's."""
    lab = Lab(tmp_path, (1, 13), kfctl_files(tmp_path))
    by_hand(lab, kfctl)
    with pytest.raises(WaitingError):
        lab.go_on(force=True)
    with pytest.raises(ForeignObjectError):
        lab.go_on(force=True)

    told = lab.hook(adopt=True)
    assert "0 of 1 workloads ready" in told
    certificate = lab.get("Secret", "istio-ingressgateway-certs", "istio-system")
    assert certificate is not None
    assert certificate["metadata"]["labels"]["app.lab-charms/application"] == APPLICATION
    assert certificate["data"]["tls.crt"] != "bm9uZQ=="
    assert lab.entry(NAMESPACE) == {"email": "admin@lab.example", "hash": HASH}


# The control plane goes on.


def leave_behind(folder: Path) -> None:
    """Install a release that has a way on, and upgrade the server beyond it."""
    folder.joinpath("1.7").mkdir()
    lab = Lab(folder / "1.7", (1, 25), {}, version="1.7.0")
    attach(lab, BASE)
    lab.hook()
    lab.api.set_version(1, 26)
    lab.go_on()


def test_a_server_that_is_too_new_for_what_is_installed(old: Lab, tmp_path: Path) -> None:
    """Blocked with the cause and the mend, and not one write; back again it goes on."""
    old.api.set_version(1, 16)
    old.api.writes.clear()
    with pytest.raises(BlockedError) as error:
        old.go_on()
    assert str(error.value) == (
        "Kubeflow 0.6.2 is installed, which fits Kubernetes 1.11 to 1.15 and not 1.16; it stays as"
        " it is and is not looked after: take the control plane back, or uninstall (volumes are"
        " kept) and install one that fits: 1.0.2, 1.2.0"
    )
    with pytest.raises(BlockedError, match="is installed, which fits"):
        old.check_following()
    assert old.api.writes == []
    with pytest.raises(BlockedError, match=r"or upgrade to one that fits: 1\.8\.1"):
        leave_behind(tmp_path)
    old.api.set_version(1, 15)
    assert old.hook().endswith("the gateway has no address yet")


# What is attached is not the release.


def whole(release: str) -> list[Object]:
    """Return what a release consists of, by its inventory."""
    table = inventory.load(release)
    return [
        *(made("v1", "Namespace", name) for name in table.namespaces),
        *(made("v1", _CLAIM, name, where, spec={}) for where, name in table.claims),
        *(dict(workload(name, where), kind=kind) for kind, where, name in table.workloads),
        *dex("user@example.com", SHIPPED, "auth")[:1],
    ]


def looking(*names: str) -> str:
    """Return the option by which these preconditions alone are looked at."""
    return " ".join(name for name in CHECKS if name not in names)


def test_half_of_a_release_is_not_installed(tmp_path: Path) -> None:
    """Nothing is written; where the site says that it is meant, it goes on."""
    lab = Lab(tmp_path, (1, 25), {}, version="1.8.1")
    attach(lab, [one for one in whole("1.8.1") if "katib" not in one["metadata"]["name"]])
    with pytest.raises(
        BlockedError, match=r"^manifests: those at hand lack of Kubeflow 1\.8\.1: D"
    ):
        lab.go_on()
    assert lab.api.writes == []

    lab.config["excluded-components"] = "spartakus katib"
    with pytest.raises(WaitingError, match="the gateway has no address yet"):
        lab.go_on()
    assert lab.kubeflow().keeper.read().release == "1.8.1"


def verified(lab: Lab) -> dict[str, tuple[bool, str]]:
    """Return what verify says, without a login and a notebook."""
    wish = verify.Wish(False, "", "", 0.0)
    return {one.name: (one.ok, one.message) for one in verify.checks(lab.kubeflow(), wish)}


def test_half_of_a_release_is_installed_where_nobody_looks(tmp_path: Path) -> None:
    """By the option; verify then asks for what was applied, and else for all."""
    lab = Lab(tmp_path, (1, 25), {}, version="1.8.1")
    attach(lab, BASE)
    lab.config["skipped-checks"] = looking()
    with pytest.raises(WaitingError, match="the gateway has no address yet"):
        lab.go_on()
    found = verified(lab)
    assert "release" not in found
    assert found["namespaces"] == (True, "2 there")

    lab.config["skipped-checks"] = looking("manifests")
    found = verified(lab)
    assert not found["release"][0]
    assert found["namespaces"][0] is False
    assert "cert-manager is missing" in found["namespaces"][1]


# Upgrade.


@pytest.fixture
def current(tmp_path: Path) -> Lab:
    """A cluster of 1.33 with 1.10.2 on it."""
    lab = Lab(tmp_path, (1, 33), {}, version="1.10.2")
    attach(lab, whole("1.10.2"))
    assert lab.hook().endswith("the gateway has no address yet")
    return lab


def test_the_files_of_the_release_before_are_no_upgrade(current: Lab) -> None:
    """It would be a record of the later one over objects of the earlier."""
    plan = plan_module.plan(current.kubeflow(), "1.11.0")
    assert plan.refused == ""
    assert [one.partition(":")[0] for one in plan.problems] == ["manifests"]
    assert "those at hand lack of Kubeflow 1.11.0: Deployment" in plan.problems[0]

    attach(current, whole("1.11.0"))
    plan = plan_module.plan(current.kubeflow(), "1.11.0")
    assert plan.problems == []
    assert plan.objects is not None
    assert "Deployment kubeflow-system/jobset-controller-manager" in plan.objects.missing


def test_an_upgrade_looks_at_what_an_installation_looks_at(current: Lab) -> None:
    """All of it is told at once, before anything is applied."""
    attach(current, whole("1.11.0"))
    current.api.create(made("v1", "Namespace", "kubeflow-system"))
    current.api.create(workload("jobset-controller-manager", "kubeflow-system"))
    current.config["skipped-checks"] = looking("foreign-objects")
    current.api.writes.clear()
    plan = plan_module.plan(current.kubeflow(), "1.11.0")

    assert current.api.writes == []
    assert len(plan.problems) == 1
    assert plan.problems[0].startswith("foreign-objects: already there and not made by this")
    assert "Namespace kubeflow-system" in plan.problems[0]
    assert "Deployment kubeflow-system/jobset-controller-manager" in plan.problems[0]


def test_files_that_cannot_be_had_are_told_with_the_rest(current: Lab) -> None:
    """There is no plan then."""
    current.config["skipped-checks"] = looking("foreign-objects")
    current.api.create(made("v1", "Namespace", "kubeflow-system"))
    no_files(current)
    with pytest.raises((BlockedError, WaitingError)) as error:
        plan_module.plan(current.kubeflow(), "1.11.0")
    assert "files: manifests: http://127.0.0.1:9/gone" in str(error.value)
    assert "foreign-objects: already there" in str(error.value)


def test_a_release_is_not_leapt_over(current: Lab) -> None:
    """Those between are named."""
    current.api.set_version(1, 34)
    plan = plan_module.plan(current.kubeflow(), "26.03")
    assert plan.refused.endswith("from 1.10.2 to 26.03 by way of 1.11.0")
    assert (plan.objects, plan.problems) == (None, [])


def test_no_upgrade_of_what_is_being_uninstalled(current: Lab) -> None:
    """The record of that would be lost, and with it what is still to go."""
    keeper = current.kubeflow().keeper
    keeper.write(keeper.read()._replace(phase="uninstalling"))
    attach(current, whole("1.11.0"))
    plan = plan_module.plan(current.kubeflow(), "1.11.0")

    assert plan.refused.startswith("Kubeflow is being uninstalled")
    assert keeper.read().phase == "uninstalling"
