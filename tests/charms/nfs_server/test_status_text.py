"""Statuses fit into a line of `juju status`, and the fix is in the part that is shown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ops import testing

from helpers.nfs.defaults import STORAGE_CLASS
from helpers.nfs.lab import Lab
from labcharm.text import STATUS_LIMIT, shorten
from labkube.apply.objects import ForeignObjectError
from labkube.client.api import ApiError
from nfs_server.cluster.cluster_storage import DesiredState
from nfs_server.cluster.releases import find_release
from nfs_server.cluster.status import read_status
from nfs_server.errors import ForeignExportsError, OrphanedVolumesError, foreign_objects_text

KUBECONFIG = testing.Relation("kube-control", remote_app_name="kubernetes-master")
CLAIMS = [f"a-long-namespace/claim-{number} in /nfsroot/a-long-directory" for number in range(5)]
OBJECTS = [f"ClusterRoleBinding run-nfs-client-provisioner-{number}" for number in range(7)]
LINES = [f"/etc/exports.d/storage.exports line {line} exports /srv/datasets" for line in (3, 4)]


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        (foreign_objects_text(ForeignObjectError(OBJECTS, "use sync-objects adopt=true")),
         "sync-objects adopt=true"),
        (str(OrphanedVolumesError(CLAIMS)), "keep storage-class and provisioner-name"),
        (str(ForeignExportsError(LINES)), "remove it"),
    ],
)  # fmt: skip
def test_fix_comes_before_long_lists(text: str, fix: str) -> None:
    """So it is shown."""
    assert len(text) > STATUS_LIMIT
    assert fix in shorten(text)


@pytest.mark.parametrize(
    ("reasons", "problem", "claims", "status", "beginning"),
    [
        (["its pod is forbidden: quota"], "", [], "waiting", "its pod is forbidden: quota"),
        ([], "default is a default StorageClass too", [], "active", "default is a default"),
        ([], "", CLAIMS, "active", "create the StorageClass again"),
        ([], "", [], "active", "1 directory exported; StorageClass nfs (default), provisioner v4"),
    ],
)
def test_problem_comes_before_the_summary(
    reasons: list[str], problem: str, claims: list[str], status: str, beginning: str
) -> None:
    """In each status of a cluster."""
    cluster: Any = SimpleNamespace(
        class_problem=lambda _: (problem, False),
        not_ready=lambda _: reasons,
        classless_claims=lambda _: claims,
    )
    desired = DesiredState(find_release("v4.0.2"), STORAGE_CLASS, [])
    answer = read_status(cluster, desired, "1 directory exported")

    assert answer.name == status
    assert answer.message.startswith(beginning)


def test_long_error_of_the_cluster_is_cut_and_logged(
    context: testing.Context, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log has the whole text."""
    error = f"the API refuses the request: {'a long reason ' * 20}"

    def fail() -> None:
        raise ApiError(403, "Forbidden", error)

    monkeypatch.setattr(lab, "nodes", fail)
    state = testing.State(leader=True, planned_units=1, relations={KUBECONFIG})
    status = context.run(context.on.update_status(), state).unit_status

    assert len(status.message) <= STATUS_LIMIT
    assert status.message == shorten(f"{error}; 0 directories exported to 0 clients")
    assert any(error in entry.message for entry in context.juju_log)
