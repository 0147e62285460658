"""The options, judged all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from labcharm.validators import OptionsError
from nfs_server.options import read_options

CONFIG = Path(__file__).resolve().parents[3] / "charms/nfs-server/config.yaml"
DEFAULTS = {
    name: option.get("default")
    for name, option in yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["options"].items()
}


def read(**options: Any) -> Any:
    """Read options over the defaults."""
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return read_options({**DEFAULTS, **named}, yaml.safe_load)


def test_defaults() -> None:
    """The guide's folder and class, exported to nobody yet."""
    found = read()

    assert found.root.path == "/nfsroot"
    assert found.root.clients == ()
    assert found.kind.name == "nfs"
    assert found.kind.default
    assert found.kind.provisioner == "cluster.local/nfs-client-provisioner"
    assert (found.owner, found.mode) == ("root:root", 0o755)


WRONG = {
    "export-root": "/etc",
    "root-owner": "root",
    "root-mode": "rwx",
    "networks": "10.0.0.1/24 *",
    "options": "ro,rw",
    "shares": "a: {path: relative}",
    "nfs-versions": "5",
    "threads": 5000,
    "mount-options": "hard;rm",
    "storage-class": "No_Name",
    "reclaim-policy": "Recycle",
    "on-delete": "burn",
    "path-pattern": "../x",
    "provisioner-name": "plain",
    "provisioner-version": "v9",
    "image-registry": "https://reg",
}


def test_everything_wrong_at_once() -> None:
    """Each option is named once, with its value."""
    with pytest.raises(OptionsError) as caught:
        read(**{name.replace("-", "_"): value for name, value in WRONG.items()})
    for name in WRONG:
        told = [problem for problem in caught.value.problems if problem.startswith(name)]
        assert len(told) == 1, (name, caught.value.problems)


@pytest.mark.parametrize("name", sorted(WRONG))
def test_one_wrong_alone(name: str) -> None:
    """Nothing else is complained of."""
    with pytest.raises(OptionsError) as caught:
        read(**{name.replace("-", "_"): WRONG[name]})
    assert len(caught.value.problems) == 1


def test_a_share_in_the_export_root() -> None:
    """Its clients would reach it in their own way."""
    with pytest.raises(OptionsError, match=r"share a \(/nfsroot/a\) lies in share export-root"):
        read(shares="a: {path: /nfsroot/a}")


def test_versions() -> None:
    """4 means all of 4."""
    assert read(nfs_versions="4").settings.versions == ("4.0", "4.1", "4.2")
    assert read(nfs_versions="3, 4.2").settings.versions == ("3", "4.2")


PATTERN = "${.PVC.namespace}_${.PVC.name}"


@pytest.mark.parametrize(
    "pattern",
    [PATTERN, "${.PVC.namespace}.${.PVC.name}", "lab-${.PVC.name}-X-${.PVC.namespace}.d"],
)
def test_a_pattern_of_one_folder_a_claim(pattern: str) -> None:
    """Both names, and between them what no namespace has."""
    assert read(path_pattern=pattern, on_delete="delete").kind.pattern == pattern


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("${.PVC.namespace}/${.PVC.name}", "is no name of one folder"),
        ("claims/" + PATTERN, "is no name of one folder"),
        ("${.PVC.namespace}", "is no name of one folder"),
        ("${.PVC.name}", "is no name of one folder"),
        ("shared", "is no name of one folder"),
        (PATTERN + "_${.PVC.name}", "is no name of one folder"),
        (PATTERN + "_${.PVC.labels.app}", "is no name of one folder"),
        (PATTERN + "_${.PVC.annotations.x/y}", "is no name of one folder"),
        (PATTERN + "_$${.PVC.name", "is no name of one folder"),
        ("${.PVC.namespace}-${.PVC.name}", "gives one folder to two claims"),
        ("${.PVC.name}${.PVC.namespace}", "gives one folder to two claims"),
        ("X_${.PVC.namespace}-x-${.PVC.name}_X", "gives one folder to two claims"),
    ],
)
def test_a_pattern_by_which_claims_share_a_folder(pattern: str, told: str) -> None:
    """Refused: v4.0.2 would delete or archive another claim's folder, or none."""
    with pytest.raises(OptionsError, match=f"path-pattern: .* {told}"):
        read(path_pattern=pattern, on_delete="delete")


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ({}, False), ({"on_delete": "delete"}, True), ({"on_delete": "retain"}, True),
        ({"archive_on_delete": False}, True), ({"reclaim_policy": "Retain"}, True),
    ],
)  # fmt: skip
def test_a_pattern_with_archives(options: dict[str, Any], taken: bool) -> None:
    """One name for claims that follow each other has one archive, so nothing is archived."""
    if taken:
        assert read(path_pattern=PATTERN, **options).kind.pattern == PATTERN
        return
    with pytest.raises(OptionsError, match="second claim of a name could not be archived"):
        read(path_pattern=PATTERN, **options)
