"""The check `images`: images that nobody serves are known before anything is applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.kubeflow.manifests import deployment
from helpers.kubeflow.memory_lab import MemoryLab, kfctl_files, skipped_except, whole_release
from kubeflow_installer.preflight import preflight
from kubeflow_installer.releases import components, inventory, table, withdrawn
from labcharm.errors import BlockedError, WaitingError
from labcharm.json_types import JsonObject

MINIO = "gcr.io/ml-pipeline/minio:1"


def with_image(manifests: list[JsonObject], image: str) -> list[JsonObject]:
    """Return manifests and a Deployment with this image."""
    extra = deployment("extra")
    extra["spec"]["template"]["spec"] = {"containers": [{"name": "extra", "image": image}]}
    return [*manifests, extra]


def lab_of(directory: Path, release: str, server: tuple[int, int], **config: str) -> MemoryLab:
    """Return a cluster with the whole release attached and only this check."""
    lab = MemoryLab(directory, server, version=release, **config)
    lab.config["skipped-checks"] = skipped_except("images")
    return lab


def problems_of(lab: MemoryLab, release: str) -> list[str]:
    """Return what the checks report before the release's own manifests are built."""
    failed = preflight.problems(lab.kubeflow(), table.find(release), {}, adopt=False)
    return [problem.name for problem in failed]


def test_withdrawn_images_are_known_before_manifests_are_built(tmp_path: Path) -> None:
    """A mirror or overrides make the release installable."""
    lab = lab_of(tmp_path, "1.9.1", (1, 29))
    assert problems_of(lab, "1.9.1") == ["images"]
    assert problems_of(lab, "1.11.0") == []
    gone = withdrawn.without_replacement(inventory.load("1.9.1").images)
    overrides = " ".join(f"{image}=reg.lab/own/{n}:1" for n, image in enumerate(gone))
    for option in ({"image-registry": "reg.lab:5000"}, {"image-overrides": overrides}):
        lab.config = {**lab.config, "image-registry": "", "image-overrides": "", **option}
        assert problems_of(lab, "1.9.1") == []


def test_manifests_without_withdrawn_images_are_applied(tmp_path: Path) -> None:
    """The site has replaced them in its own manifests."""
    lab = lab_of(tmp_path, "1.9.1", (1, 29))
    lab.attach(with_image(whole_release("1.9.1"), "reg.lab/minio:1"))
    with pytest.raises(WaitingError, match="no address yet"):
        lab.reconcile()


def test_guides_release_is_checked_before_kfctl_runs(tmp_path: Path) -> None:
    lab = lab_of(tmp_path, "0.6.2", (1, 13))
    lab.files = kfctl_files(tmp_path)
    with pytest.raises(BlockedError, match=r"images: no registry serves gcr\.io/\S+ and \d+ more"):
        lab.reconcile()
    assert lab.api.writes == []


def test_excluded_components_need_no_images(tmp_path: Path) -> None:
    """The built manifests show which images are needed."""
    lab = lab_of(tmp_path, "1.10.2", (1, 32), **{"excluded-components": "pipeline"})
    absent = components.exclusive_objects("1.10.2", ["pipeline"])
    assert absent
    manifests = whole_release("1.10.2")
    lab.attach([entry for entry in manifests if inventory.object_key(entry) not in absent])
    with pytest.raises(WaitingError, match="no address yet"):
        lab.reconcile()


def test_manifests_that_name_withdrawn_images_are_not_applied(tmp_path: Path) -> None:
    """Also those of a release whose own images are all served; a mirror may have the image."""
    lab = lab_of(tmp_path, "1.11.0", (1, 33))
    lab.attach(with_image(whole_release("1.11.0"), MINIO))
    with pytest.raises(BlockedError, match=r"images: no registry serves gcr\.io/ml-pipe"):
        lab.reconcile()
    assert lab.api.writes == []
    lab.config["image-registry"] = "reg.lab:5000"
    with pytest.raises(WaitingError, match="no address yet"):
        lab.reconcile()
