"""What `verify` asks of a release: all of it but what the site left out."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.kubeflow import generated
from kubeflow_installer.releases import inventory
from kubeflow_installer.releases.inventory import Inventory, load
from kubeflow_installer.verify import verify

Object = dict[str, Any]
WITHOUT = ("spartakus", "knative", "katib")


def without(release: str, names: tuple[str, ...]) -> list[Object]:
    """Return a release's objects without what components bring."""
    gone = inventory.brought(release, names)
    assert gone is not None
    return [one for one in generated.objects(release) if inventory.row_of(one) not in gone]


def sizes(found: Inventory) -> tuple[int, int, int]:
    """Return how many namespaces, workloads and claims an inventory has."""
    return len(found.namespaces), len(found.workloads), len(found.claims)


def test_a_component_that_was_left_out_is_not_missed() -> None:
    """Neither are its namespaces: nothing would ever make them."""
    wanted = without("1.10.2", WITHOUT)
    found = verify.asked_for("1.10.2", WITHOUT, wanted)

    assert "knative-serving" not in found.namespaces
    assert "kubeflow" in found.namespaces
    assert sizes(found) == (5, 39, 2)
    assert sizes(load("1.10.2")) == (6, 49, 3)
    assert verify.release_check("1.10.2", WITHOUT, wanted).ok


@pytest.mark.parametrize("release", ["1.2.0", "1.7.0", "26.03"])
def test_half_of_a_release_is_not_all_of_it(release: str) -> None:
    """What nobody left out stays in question, whatever the manifests at hand hold."""
    wanted = without(release, ("knative",))
    half = [one for one in wanted if one["kind"] != "StatefulSet" and "dex" not in str(one)]
    found = verify.asked_for(release, ["knative"], half)
    check = verify.release_check(release, ["knative"], half)

    assert found == verify.asked_for(release, ["knative"], wanted)
    assert ("Deployment", "auth", "dex") in found.workloads
    assert not check.ok
    lacking = f"manifests: those at hand lack of Kubeflow {release}: "
    assert check.message.startswith(lacking)
    assert "Deployment auth/dex" in check.message


def test_a_component_that_is_not_there_at_all_is_named() -> None:
    """It may have been left out on purpose, when the YAML was built."""
    check = verify.release_check("1.10.2", ["spartakus"], without("1.10.2", ("katib",)))

    assert not check.ok
    assert check.message == (
        "manifests: those at hand lack of Kubeflow 1.10.2: Deployment kubeflow/katib-controller,"
        " Deployment kubeflow/katib-db-manager, Deployment kubeflow/katib-mysql and 2 more; take"
        " those of the release, or where that is meant, put katib into excluded-components"
    )


def test_of_the_first_releases_it_asks_for_what_kfctl_made() -> None:
    """Which component brings what is not known there; a namespace that is left out is not."""
    wanted = [one for one in generated.objects("1.0.2") if "knative" not in str(one)]
    found = verify.asked_for("1.0.2", ["knative-install"], wanted)

    assert "knative-serving" not in found.namespaces
    assert "auth" in found.namespaces
    assert not [one for one in found.workloads if one[1] == "knative-serving"]
    assert verify.release_check("1.0.2", ["knative-install"], wanted).ok
