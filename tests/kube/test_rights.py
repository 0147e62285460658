"""Units of packed charms with narrow identities, on real API servers that authorize by RBAC."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.archives import archive_in
from helpers.gpu_machine import add_programs, make_gpu_machine
from helpers.juju.unit import Unit
from helpers.kube.api_server import CONTROLLERS, ApiServer
from helpers.kube.builds import UnavailableError
from helpers.kube.metallb import (
    POOL,
    get,
    is_old,
    namespace_goes,
    new_unit,
    report_ready,
)
from helpers.kube.related import (
    AGES,
    answer,
    identities_of,
    leave,
    make_unit,
    pack,
    relate_unanswered,
    request_of,
    run,
)
from helpers.kube.rights import (
    FORBIDDEN,
    Right,
    may,
    page_rights,
    role_names,
    server_rights,
)
from helpers.nfs.machine import OWNER, ServingMachine
from labcharm.polling import wait_until

NODE = socket.gethostname().lower()
CHANGED = "kube-control-relation-changed"
KUBECONFIGS = {
    "metallb": "root/var/lib/metallb-charm/kubeconfig",
    "nfs-server": "root/var/lib/nfs-server-charm/kubeconfig",
    "nvidia-runtime": "root/var/lib/nvidia-runtime/kubeconfig",
}


@pytest.fixture(scope="module")
def control(age: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Start a server of an age, with the controllers that delete volumes too."""
    server = ApiServer(age, tmp_path_factory.mktemp("kube"), manager=True)
    volumes = "persistentvolume-binder,pv-protection,pvc-protection"
    try:
        server.start(f"{CONTROLLERS},{volumes}")
    except UnavailableError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack the charms and return the directory."""
    folder = tmp_path_factory.mktemp("charms")
    for charm in KUBECONFIGS:
        pack(charm, folder)
    return folder


@pytest.fixture
def node(control: ApiServer) -> Iterator[None]:
    """Register this machine and another one as nodes."""
    for name in (NODE, "another"):
        body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
        control.kubectl("apply", "-f", "-", stdin=json.dumps(body))
    yield
    control.kubectl("delete", "node", NODE, "another")


@pytest.fixture(params=["today", "secrets"])
def provider(request: pytest.FixtureRequest) -> str:
    """Return how the control plane answers: as Charmed or as Canonical Kubernetes."""
    return str(request.param)


@pytest.fixture(params=sorted(KUBECONFIGS))
def unit(
    request: pytest.FixtureRequest, control: ApiServer, archives: Path, node: None, provider: str,
    tmp_path: Path,
) -> Unit:  # fmt: skip
    """Return a unit that is related to a control plane that has not answered."""
    if request.param == "metallb":
        unit = new_unit(provider, control, archives, tmp_path)
    elif request.param == "nfs-server":
        unit = serving_unit(provider, archives, tmp_path)
    else:
        environment = {"NVIDIA_RUNTIME_ROOT": str(tmp_path / "root")}
        unit = make_unit(
            provider, archives, "nvidia-runtime", "nvidia-runtime/0", tmp_path, environment
        )
        unit.configure({"driver": "none"})
        add_programs(tmp_path / "bin")
        make_gpu_machine(tmp_path / "root")
    relate_unanswered(unit, control, provider)
    return unit


def serving_unit(provider: str, archives: Path, directory: Path) -> Unit:
    """Return a unit of nfs-server with the options on which its rights depend."""
    machine = ServingMachine(
        directory, "3.12", AGES[provider][2], "1:2.6.2-4", "-2 +3 +4 +4.1 +4.2", 8
    )
    options = {
        "networks": "10.99.0.0/24", "root-owner": OWNER, "mount-options": "nfsvers=4.1",
        "reclaim-policy": "Retain",
    }  # fmt: skip
    machine.unpack(archive_in(archives, "nfs-server", AGES[provider][0]), options)
    return machine.unit


def rights_of_page(control: ApiServer, charm: str, application: str) -> set[Right]:
    """Return the rights of a charm's page, as far as the server has the resources."""
    names = {"APPLICATION": application, "unit-N": "unit-0", "`NODE`": f"`{NODE}`"}
    if charm == "nfs-server":
        volumes = [live["metadata"]["name"] for live in get(control, "pv")]
        names = {
            "APPLICATION": application, "pv-NAME-HASH": volumes[0], "CLASS": "nfs",
            "NAME": "nfs-client-provisioner",
        }  # fmt: skip
    rights = page_rights(charm, names)
    if not is_old(control):
        return rights
    return {right for right in rights if not right[3].endswith(("-pods", "-volumes"))}


def grant(unit: Unit, control: ApiServer, provider: str) -> list[str]:
    """Run hooks and answer requests until the unit asks no more; return the requested groups."""
    groups = []
    run(unit, "install", "kube-control-relation-joined")
    for _ in range(4):
        groups.append(request_of(unit).group)
        answer(unit, control, provider)
        run(unit, CHANGED)
    return groups


def test_unit_ends_with_the_rights_of_its_page_and_none_beyond(
    control: ApiServer, unit: Unit, provider: str
) -> None:
    """Only Canonical Kubernetes is asked for an administrator's token, which stays nowhere."""
    charm = unit.name.partition("/")[0]
    narrow, admin = identities_of(unit.name)
    groups = grant(unit, control, provider)
    assert groups == (
        [narrow.group, admin.group, narrow.group, narrow.group]
        if provider == "secrets"
        else [narrow.group] * 4
    ), unit.log()

    application = narrow.group.partition(":")[2]
    expected = rights_of_page(control, charm, application)
    assert server_rights(control, narrow) == expected
    allowed = [case for case in FORBIDDEN if may(control, narrow, *case)]
    # The pods of `verify`; the page says so.
    assert allowed == ([("create", "pods", "default")] if charm == "nfs-server" else [])
    stored = (Path(unit.folder).parent / KUBECONFIGS[charm]).read_text()
    assert control.token_of(*narrow) in stored
    for token in (control.token_of(*admin), control.token):
        assert token not in stored + unit.log() + unit.status()

    leave(unit)
    assert wait_until(lambda: not role_names(control, narrow), 40), role_names(control, narrow)


@pytest.fixture
def speakers(control: ApiServer) -> Iterator[None]:
    """Delete the node that `report_ready` registers, so that the next test registers another."""
    yield
    control.kubectl("delete", "nodes", "--all")


def test_metallb_does_its_work(
    control: ApiServer, archives: Path, provider: str, speakers: None, tmp_path: Path
) -> None:
    """Hooks, actions, changes and removal; another administrator's token is not at hand."""
    unit = new_unit(provider, control, archives, tmp_path)
    relate_unanswered(unit, control, provider)
    grant(unit, control, provider)
    without_administrator(unit)

    report_ready(control)
    assert run(unit, "update-status").startswith("active: MetalLB"), unit.log()
    change_settings(unit, control)
    control.kubectl("delete", "deploy", "-n", "metallb-system", "controller")
    assert run(unit, "update-status").startswith("waiting: MetalLB"), unit.log()
    listed = unit.action("list-objects")["results"]
    assert (listed["ok"], listed["extra"]) == ("true", "[]"), listed
    assert not unit.action("sync-objects").get("failed")
    assert "no address after 1 s" in unit.action("verify", timeout=1)["failed"]
    assert [live["metadata"]["name"] for live in get(control, "svc")] == ["kubernetes"]
    removed = unit.action("remove-objects")
    assert removed["results"] == {"ok": "true", "left": "[]"}, removed
    assert namespace_goes(control)
    assert wait_until(lambda: not role_names(control, identities_of(unit.name)[0]), 40)


def change_settings(unit: Unit, control: ApiServer) -> None:
    """Change what the unit may change: pools, or images where no webhook answers for pools."""
    if is_old(control):
        unit.configure({"addresses": "10.64.0.120-10.64.0.130"})
    else:
        unit.configure({"addresses": POOL, "image-registry": "registry.lab:5000"})
        assert run(unit, "config-changed").startswith("waiting: MetalLB"), unit.log()
        report_ready(control)
    assert run(unit, "config-changed").startswith("active: MetalLB"), unit.log()


def without_administrator(unit: Unit) -> None:
    """Remove an administrator's token from the relation data."""
    bags = unit.get("relations")
    bag = bags["kube-control:1"]["units"]["kubernetes-master/0"]
    credentials = {
        user: tokens for user, tokens in json.loads(bag["creds"]).items() if "admin" not in user
    }
    for tokens in credentials.values():
        tokens["client_token"] = tokens.get("kubelet_token") or tokens["client_token"]
        tokens.pop("kubelet_token", None)
    bag["creds"] = json.dumps(credentials)
    unit.put("relations", bags)


def test_changed_release_of_metallb_needs_an_administrator_once(
    control: ApiServer, archives: Path, tmp_path: Path
) -> None:
    """Its roles change; afterwards the unit requests its narrow identity again."""
    unit = new_unit("secrets", control, archives, tmp_path)
    if "resources" in unit.get("relations", {}) or unit.get("resources"):
        pytest.skip("the attached manifest is of one release")
    relate_unanswered(unit, control, "secrets")
    grant(unit, control, "secrets")
    without_administrator(unit)
    narrow, admin = identities_of(unit.name)
    unit.configure({"addresses": "10.64.0.100-10.64.0.110", "version": "v0.9.6"})

    status = run(unit, "config-changed")
    assert status == (
        "waiting: kube-control has yet to give the credentials that create our roles"
    )
    assert request_of(unit) == admin
    answer(unit, control, "secrets")
    assert run(unit, CHANGED).startswith("waiting: MetalLB v0.9.6"), unit.log()
    assert request_of(unit) == narrow
    leave(unit)
    assert namespace_goes(control)


def test_drain_evicts_the_pods_of_the_own_node(
    control: ApiServer, archives: Path, node: None, tmp_path: Path
) -> None:
    """As `reboot-node drain=true` does, with the kubectl of the server."""
    environment = {"NVIDIA_RUNTIME_ROOT": str(tmp_path / "root")}
    unit = make_unit(
        "today", archives, "nvidia-runtime", "nvidia-runtime/0", tmp_path, environment
    )
    unit.configure({"driver": "none"})
    add_programs(tmp_path / "bin")
    make_gpu_machine(tmp_path / "root")
    relate_unanswered(unit, control, "today")
    grant(unit, control, "today")
    pod = {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "work", "namespace": "default"},
        "spec": {
            "nodeName": NODE, "containers": [{"name": "c", "image": "i"}],
            "automountServiceAccountToken": False,  # no controller makes one here
        },
    }  # fmt: skip
    created = wait_until(lambda: get(control, "sa", "-n", "default"), 40)
    assert created
    control.kubectl("apply", "-f", "-", stdin=json.dumps(pod))
    narrow = f"--kubeconfig={tmp_path / KUBECONFIGS['nvidia-runtime']}"

    control.kubectl(
        "drain", NODE, narrow, "--ignore-daemonsets", "--delete-emptydir-data", "--force",
        "--grace-period=0", "--timeout=30s",
    )  # fmt: skip
    assert get(control, "pod", "-n", "default") == []
    control.kubectl("uncordon", NODE, narrow)
    leave(unit)
