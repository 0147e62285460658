"""kustomize builds an archive of manifests.

It is a stand-in here. Where BOTLAB_KUSTOMIZE names the program, or it is on the path, that builds
the same archive too.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from helpers.kubeflow import generated
from helpers.kubeflow.kustomize_standin import SMALL, BuildSite, in_order
from kubeflow_installer.transform.namespaces import with_fitting_namespaces
from labcharm.errors import BlockedError, WaitingError
from labcharm.machine import CommandResult, Machine

KUSTOMIZE = os.environ.get("BOTLAB_KUSTOMIZE") or shutil.which("kustomize") or ""


def test_archive_of_a_whole_release_is_built(site: BuildSite, tmp_path: Path) -> None:
    """Every object has a namespace exactly where its kind has one."""
    manifests = generated.objects("1.10.2")
    built = site.objects(generated.as_archive(tmp_path / "manifests.tar.gz", manifests))

    assert len(built) == len(manifests) > 590
    assert in_order(built) == in_order(with_fitting_namespaces(manifests))


@pytest.mark.skipif(not KUSTOMIZE, reason="no kustomize: BOTLAB_KUSTOMIZE names none")
def test_kustomize_builds_what_the_stand_in_builds(site: BuildSite, tmp_path: Path) -> None:
    """Excluded components stay out."""
    manifests = [row for row in generated.objects("1.10.2") if row["kind"] != "Namespace"]
    manifests += SMALL[:1]
    path = generated.as_archive(tmp_path / "manifests.tar.gz", manifests)
    katib = generated.COMPONENTS["katib"]
    without_katib = [row for row in manifests if generated.component(row) != katib]

    assert in_order(site.objects(path, kustomize=KUSTOMIZE)) == in_order(
        with_fitting_namespaces(manifests)
    )
    built = site.objects(path, ["katib"], KUSTOMIZE)
    assert in_order(built) == in_order(with_fitting_namespaces(without_katib))
    assert len(built) < len(manifests)


def test_kustomize_has_its_own_home(site: BuildSite, archive_path: Path) -> None:
    """It must not use root's plugins and git settings."""
    site.objects(archive_path)

    assert site.homes[0].startswith(str(site.cache))
    assert not Path(site.homes[0]).exists()


def test_failed_download_while_building_names_the_fix(site: BuildSite, archive_path: Path) -> None:
    """On an air-gapped machine that is the built YAML; it may also pass by itself."""
    extra = """\
sys.exit("Error: accumulating resources: accumulation err='accumulating resources from "
  "'https://git.example/argo/crds?ref=v3': Get \\"https://git.example/argo/crds?ref=v3\\": dial "
  "tcp: no such host': failed to run git fetch")"""
    with pytest.raises(WaitingError) as caught:
        site.objects(archive_path, kustomize=site.stand_in(extra, "failing"))

    assert str(caught.value) == (
        "kustomize cannot download https://git.example/argo/crds?***; for an air-gapped cluster"
        " build the YAML elsewhere (kustomize build example) and attach it as the resource"
        " manifests"
    )
    assert list(site.cache.iterdir()) == []


def test_kustomizes_error_is_reported(site: BuildSite, archive_path: Path) -> None:
    """Not its many warnings."""
    failing = site.stand_in("sys.exit('Error: no matches for Id Deployment.v1.apps/x')", "failing")
    with pytest.raises(BlockedError) as caught:
        site.objects(archive_path, kustomize=failing)

    assert str(caught.value) == (
        "kustomize cannot build the manifests: Error: no matches for Id Deployment.v1.apps/x"
    )


class Slow(Machine):
    """A machine on which nothing comes to an end."""

    def run(self, command: list[str], timeout: float = 600.0) -> CommandResult:
        """Say so."""
        return CommandResult(124, "", f"{command[0]}: did not end within {timeout:.0f} s")


def test_build_that_does_not_end_may_be_retried(site: BuildSite, archive_path: Path) -> None:
    """The machine may be slow."""
    site.machine = Slow()

    with pytest.raises(WaitingError, match="kustomize did not end within 900 s"):
        site.objects(archive_path)
