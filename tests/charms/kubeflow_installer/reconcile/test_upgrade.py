"""The plan of an upgrade: what prevents it, and that it changes nothing."""

from __future__ import annotations

import pytest

from helpers.kubeflow.manifests import deployment, manifest
from helpers.kubeflow.memory_lab import MemoryLab, skipped_except, whole_release
from kubeflow_installer.reconcile.upgrade import plan
from labcharm.errors import CharmError


def test_files_of_the_installed_release_are_not_an_upgrade(current_lab: MemoryLab) -> None:
    """The state would name the later release, and the objects would be the earlier one's."""
    planned = plan(current_lab.kubeflow(), "1.11.0")
    assert planned.refused == ""
    (problem,) = planned.problems
    message = "manifests: objects of Kubeflow 1.11.0 are missing: Deployment"
    assert problem.startswith(message)

    current_lab.attach(whole_release("1.11.0"))
    planned = plan(current_lab.kubeflow(), "1.11.0")
    assert planned.problems == []
    assert planned.report is not None
    missing = planned.report.comparison.missing
    assert "Deployment kubeflow-system/jobset-controller-manager" in missing


def test_upgrade_makes_the_checks_of_an_installation(current_lab: MemoryLab) -> None:
    """All problems are reported at once, before anything is applied."""
    current_lab.attach(whole_release("1.11.0"))
    current_lab.api.create(manifest("v1", "Namespace", "kubeflow-system"))
    current_lab.api.create(deployment("jobset-controller-manager", "kubeflow-system"))
    current_lab.config["skipped-checks"] = skipped_except("foreign-objects")
    current_lab.api.writes.clear()
    planned = plan(current_lab.kubeflow(), "1.11.0")

    assert current_lab.api.writes == []
    (problem,) = planned.problems
    assert problem.startswith("foreign-objects: ")
    assert "were not made by this application" in problem
    assert "Namespace kubeflow-system" in problem
    assert "Deployment kubeflow-system/jobset-controller-manager" in problem


def test_missing_files_are_reported_with_the_failed_checks(current_lab: MemoryLab) -> None:
    """There is no plan without files."""
    current_lab.config["skipped-checks"] = skipped_except("foreign-objects")
    current_lab.api.create(manifest("v1", "Namespace", "kubeflow-system"))
    current_lab.detach_files()
    with pytest.raises(CharmError) as error:
        plan(current_lab.kubeflow(), "1.11.0")
    assert "files: manifests: http://127.0.0.1:9/gone" in str(error.value)
    assert "foreign-objects: Namespace kubeflow-system" in str(error.value)


def test_release_cannot_be_skipped(current_lab: MemoryLab) -> None:
    """The refusal names the releases between."""
    current_lab.api.set_version(1, 34)
    planned = plan(current_lab.kubeflow(), "26.03")
    assert planned.refused.endswith("go from 1.10.2 to 1.11.0, and then to 26.03")
    assert (planned.report, list(planned.problems)) == (None, [])


def test_upgrade_during_an_uninstall_is_refused(current_lab: MemoryLab) -> None:
    """It would overwrite the state of the uninstall, and what is still to be deleted."""
    store = current_lab.kubeflow().store
    store.write(store.read()._replace(phase="uninstalling"))
    current_lab.attach(whole_release("1.11.0"))
    planned = plan(current_lab.kubeflow(), "1.11.0")

    assert planned.refused.startswith("Kubeflow is being uninstalled")
    assert store.read().phase == "uninstalling"
