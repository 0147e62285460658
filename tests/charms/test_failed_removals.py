"""The removal of each charm while one of its steps fails: the other steps run all the same."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ops import testing

from helpers.charm_modules import CHARMS, load
from labcharm.errors import BlockedError
from labcharm.machine import Machine
from labcharm.proxies import ProxyError
from labkube.client import kubeconfig
from labkube.client.access import Access
from labkube.client.api import ApiError

ACCESS = Access("https://10.0.0.1:6443", "CA", "token")
FORBIDDEN = 'deployments.apps is forbidden: User "lab-charms:a" cannot list resource "deployments"'
REFUSALS = {
    "not reached": ApiError(0, "", "the API cannot be reached"),
    "revoked token": ApiError(401, "Unauthorized", "the API refuses our credentials"),
    "missing right": ApiError(403, "Forbidden", FORBIDDEN),
    "proxy that cannot be used": ProxyError("https", "https://10.0.0.9:3128"),
    "full disk": OSError(errno.ENOSPC, "No space left on device", "/x"),
}
CONTROL_PLANE = testing.Relation("kube-control", remote_units_data={0: {}})
FAILURES = [BlockedError("no"), OSError(errno.EROFS, "Read-only file system", "/x")]


class Charm(NamedTuple):
    """A charm, and what it keeps on the machine.

    Attributes:
        class_name: Its class.
        peer: Its peer relation.
        directory: Its directory.
        files: Files that it has written elsewhere.
        steps: Functions that its removal calls, each of which may fail.
    """

    class_name: str
    peer: str
    directory: str
    files: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


EXPORTS = "/etc/exports.d/nfs-server.exports"
DROP_IN = "/etc/systemd/system/{}.service.d/10-nvidia-runtime.conf"
CHARM = {
    "kubeflow-installer": Charm(
        "KubeflowInstallerCharm", "installers", "/var/lib/kubeflow-installer-charm",
        steps=(
            "kubeflow_installer.uninstall.lifecycle.uninstall",
            "kubeflow_installer.methods.job_directories.remove_all",
            "labcharm.compat.SecretData.remove",
        ),
    ),
    "metallb": Charm(
        "MetallbCharm", "units", "/var/lib/metallb-charm",
        steps=("metallb.deployment.MetallbDeployment.remove",),
    ),
    "nfs-server": Charm(
        "NfsServerCharm", "servers", "/var/lib/nfs-server-charm",
        files=(EXPORTS, "/etc/nfs.conf.d/nfs-server.conf"),
        steps=(
            "nfs_server.granted_work.GrantedWork.remove",
            "nfs_server.server.exports.Exports.remove",
            "nfs_server.server.directories.ExportedDirectories.describe_locations",
            "nfs_server.server.service.NfsService._restart",
            "nfs_server.server.foreign_exports.ForeignExports.restore",
        ),
    ),
    "nvidia-runtime": Charm(
        "NvidiaRuntimeCharm", "units", "/var/lib/nvidia-runtime",
        files=(DROP_IN.format("docker"), DROP_IN.format("containerd")),
        steps=(
            "nvidia_runtime.cluster.labels.NodeLabels.remove",
            "nvidia_runtime.engine.docker.Docker._restore_file",
            "nvidia_runtime.host.packages.Apt.release",
            "nvidia_runtime.engine.reloads.Reloads.restore",
        ),
    ),
}  # fmt: skip
STEPS = [(name, step) for name, charm in CHARM.items() for step in charm.steps]
# What a step itself would have removed. The record of an engine that is not restored stays.
LEFT = {
    "nvidia_runtime.engine.docker.Docker._restore_file": "/var/lib/nvidia-runtime",
    "nvidia_runtime.engine.reloads.Reloads.restore": "/var/lib/nvidia-runtime",
    "nfs_server.server.exports.Exports.remove": EXPORTS,
    "nfs_server.server.foreign_exports.ForeignExports.restore": EXPORTS,
}


class RefusingApi:
    """A client, each of whose requests fails with the same error."""

    error: Exception
    is_reached = False

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def close(self) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> Any:
        raise self.error


class Removal:
    """The only unit of an application with stored credentials, which is being removed."""

    def __init__(self, name: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.charm = CHARM[name]
        self.machine, self._log = Machine(str(root / "machine")), root / "log"
        monkeypatch.setenv(f"{name.upper().replace('-', '_')}_ROOT", self.machine.root)
        _add_juju_log(root / "juju-log", self._log)
        monkeypatch.setenv("PATH", f"{root}{os.pathsep}/usr/bin:/bin")
        monkeypatch.setattr("labkube.charm.cluster.Api", RefusingApi)
        RefusingApi.error = REFUSALS["not reached"]
        class_ = getattr(load(name), self.charm.class_name)
        self.context = testing.Context(class_, charm_root=CHARMS / name)
        self.kubeconfig = f"{self.charm.directory}/kubeconfig"
        kubeconfig.write(self.machine, self.kubeconfig, ACCESS)
        for path in self.charm.files:
            self.machine.write(path, "content\n")
        self.machine.write("/proc/self/uid_map", "0 100000 65536\n")

    def run(self, *hooks: str, leader: bool = True, relations: Any = (), **config: str) -> None:
        """Run hooks, none of which may end with an error.

        Args:
            hooks: Their names; those of the peer relation begin with "peer".
            leader: Whether the unit is the leader.
            relations: The relations, besides that to the peers.
            config: The options.
        """
        peer = testing.PeerRelation(self.charm.peer)
        state = testing.State(
            leader=leader, planned_units=0, relations={peer, *relations}, config=config
        )
        for hook in hooks:
            name = hook.rpartition(" ")[2]
            arguments = [peer] if name != hook else []
            self.context.run(getattr(self.context.on, name)(*arguments), state)

    def log(self) -> str:
        """Return what the charm logged."""
        return self._log.read_text() if self._log.exists() else ""

    def left(self) -> list[str]:
        """Return what exists of the charm's directory and files."""
        paths = (self.charm.directory, *self.charm.files)
        return [path for path in paths if self.machine.exists(path)]


def _add_juju_log(program: Path, log: Path) -> None:
    program.write_text(f'#!/bin/sh\necho "$*" >> {log}\n')
    program.chmod(0o755)


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("name", sorted(CHARM))
def test_cluster_that_refuses_does_not_stop_the_removal(
    name: str, refusal: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control plane may have handled its own end of the relation before."""
    removal = Removal(name, tmp_path, monkeypatch)
    RefusingApi.error = refusal
    removal.run("update_status", "stop", "remove")

    assert removal.left() == []
    assert "on the cluster: " in removal.log()


@pytest.mark.parametrize("failure", FAILURES, ids=["CharmError", "OSError"])
@pytest.mark.parametrize(("name", "step"), STEPS)
def test_step_that_fails_does_not_stop_the_removal(
    name: str, step: str, failure: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removal = Removal(name, tmp_path, monkeypatch)
    monkeypatch.setattr(step, _raiser(failure))
    removal.run("stop", "remove")

    assert not removal.machine.exists(removal.kubeconfig)
    assert removal.left() == ([LEFT[step]] if step in LEFT else [])
    assert ("no" if isinstance(failure, BlockedError) else "Read-only") in removal.log()


@pytest.mark.parametrize("name", sorted(CHARM))
def test_new_leader_without_access_names_what_stays(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine of the former leader, which had the kubeconfig, is gone."""
    removal = Removal(name, tmp_path, monkeypatch)
    removal.machine.remove(removal.kubeconfig)
    removal.run("leader_elected", relations=[CONTROL_PLANE])
    removal.run("stop", "remove")

    assert removal.left() == []
    lines = [line for line in removal.log().splitlines() if "on the cluster: " in line]
    assert len(lines) == 1
    assert "this unit never had access: no credentials from kube-control yet" in lines[0]


@pytest.mark.parametrize("name", sorted(CHARM))
def test_new_leader_removes_the_objects_with_the_access_of_the_option(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that becomes the leader as late as in `stop`, without any relation but its own."""
    removal = Removal(name, tmp_path, monkeypatch)
    removal.machine.remove(removal.kubeconfig)
    text = kubeconfig.render(ACCESS)
    removal.run("peer relation_broken", leader=False, kubeconfig=text)
    removal.run("stop", "remove", kubeconfig=text)

    assert removal.left() == []
    assert "on the cluster: " in removal.log()
    assert "the API cannot be reached" in removal.log()


@pytest.mark.parametrize("name", ["metallb", "nfs-server", "kubeflow-installer"])
def test_unit_that_does_not_lead_leaves_the_objects_to_the_leader(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Access that it kept in case that it becomes the leader is removed."""
    removal = Removal(name, tmp_path, monkeypatch)
    removal.machine.remove(removal.kubeconfig)
    text = kubeconfig.render(ACCESS)
    removal.run("update_status", leader=False, kubeconfig=text)
    assert removal.machine.exists(removal.kubeconfig)
    removal.run("stop", "remove", leader=False, kubeconfig=text)

    assert removal.left() == []
    assert "on the cluster: " not in removal.log()


@pytest.mark.parametrize("name", sorted(CHARM))
def test_unit_that_does_not_lead_and_has_no_access_logs_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removal = Removal(name, tmp_path, monkeypatch)
    removal.machine.remove(removal.kubeconfig)
    removal.run("update_status", leader=False, relations=[CONTROL_PLANE])
    removal.run("stop", "remove", leader=False)

    assert removal.left() == []
    assert "on the cluster: " not in removal.log()


@pytest.mark.parametrize("name", sorted(CHARM))
def test_application_that_had_no_cluster_logs_nothing_about_one(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removal = Removal(name, tmp_path, monkeypatch)
    removal.machine.remove(removal.kubeconfig)
    removal.run("update_status", "stop", "remove")

    assert removal.left() == []
    assert "on the cluster: " not in removal.log()


def test_metallb_removes_the_objects_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hook does it: the control plane may revoke the credentials later."""
    removal = Removal("metallb", tmp_path, monkeypatch)
    text = kubeconfig.render(ACCESS)
    removal.run("update_status", "update_status", "stop", "remove", kubeconfig=text)

    assert removal.left() == []
    assert removal.log().count("left on the cluster: ") == 1


@pytest.mark.parametrize("name", sorted(CHARM))
def test_removal_ends_without_the_record_of_missing_access(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full from the first hook on."""
    removal = Removal(name, tmp_path, monkeypatch)
    removal.machine.remove(removal.kubeconfig)

    monkeypatch.setattr(Machine, "write", _raiser(REFUSALS["full disk"]))
    removal.run("leader_elected", relations=[CONTROL_PLANE])
    removal.run("stop", "remove")

    assert not removal.machine.exists(removal.kubeconfig)


@pytest.mark.parametrize("failure", FAILURES, ids=["CharmError", "OSError"])
def test_storage_that_cannot_be_withdrawn_is_in_the_status(
    failure: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status does not say that its files are no longer exported."""
    removal = Removal("nfs-server", tmp_path, monkeypatch)
    monkeypatch.setattr("nfs_server.server.exports.Exports.withdraw", _raiser(failure))
    storage = testing.Storage("export")
    event = removal.context.on.storage_detaching(storage)
    out = removal.context.run(event, testing.State(storages={storage}))

    assert "no longer exported" not in out.unit_status.message
    message = out.unit_status.message
    assert message.startswith("the storage export is detached while exported: ")


def test_former_password_that_juju_keeps_does_not_end_the_hook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Juju refuses the removal to a unit that is no longer the leader."""
    monkeypatch.setenv("JUJU_VERSION", "3.6.1")
    removal = Removal("kubeflow-installer", tmp_path, monkeypatch)
    monkeypatch.setattr("ops.Secret.remove_revision", _raiser(RuntimeError("hunter2")))
    secret = testing.Secret({"password": "p"}, label="credentials", owner="app")
    event = removal.context.on.secret_remove(secret, revision=1)
    removal.context.run(event, testing.State(leader=True, secrets={secret}))

    assert removal.log() == (
        "a former password remains in Juju: a revision of a secret cannot be removed:"
        " RuntimeError\n"
    )


def _raiser(error: Exception) -> Any:
    def fail(*_: object) -> None:
        raise error

    return fail
