"""The options, validated all together."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.nfs.defaults import options_with
from labcharm.validators import OptionsError


def test_defaults_are_those_of_the_guide() -> None:
    """Its directory and its class, exported to nobody yet."""
    options = options_with()

    assert options.export_root.path == "/nfsroot"
    assert options.export_root.clients == ()
    assert options.storage_class.name == "nfs"
    assert options.storage_class.is_default
    assert options.storage_class.provisioner == "cluster.local/nfs-client-provisioner"
    assert (options.owner, options.mode) == ("root:root", 0o755)


INVALID = {
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


def test_all_problems_are_reported_together() -> None:
    """Each option is named once."""
    with pytest.raises(OptionsError) as raised:
        options_with(**INVALID)
    for name in INVALID:
        problems = [problem for problem in raised.value.problems if problem.startswith(name)]
        assert len(problems) == 1, (name, raised.value.problems)


@pytest.mark.parametrize("name", sorted(INVALID))
def test_one_invalid_option_is_one_problem(name: str) -> None:
    """No other option is reported."""
    with pytest.raises(OptionsError) as raised:
        options_with(**{name: INVALID[name]})
    assert len(raised.value.problems) == 1


def test_share_in_the_export_root_is_refused() -> None:
    """The clients of the export root would reach it."""
    with pytest.raises(OptionsError, match=r"share a \(/nfsroot/a\) lies in share export-root"):
        options_with(shares="a: {path: /nfsroot/a}")


def test_version_4_means_all_of_4() -> None:
    """Versions are separated by spaces or commas."""
    assert options_with(nfs_versions="4").settings.versions == ("4.0", "4.1", "4.2")
    assert options_with(nfs_versions="3, 4.2").settings.versions == ("3", "4.2")


PATTERN = "${.PVC.namespace}_${.PVC.name}"


@pytest.mark.parametrize(
    "pattern",
    [PATTERN, "${.PVC.namespace}.${.PVC.name}", "lab-${.PVC.name}-X-${.PVC.namespace}.d"],
)
def test_pattern_with_both_names_gives_each_claim_a_directory(pattern: str) -> None:
    """Between the names stands a character that no namespace has."""
    options = options_with(path_pattern=pattern, on_delete="delete")
    assert options.storage_class.path_pattern == pattern


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("${.PVC.namespace}/${.PVC.name}", "does not name one directory"),
        ("claims/" + PATTERN, "does not name one directory"),
        ("${.PVC.namespace}", "does not name one directory"),
        ("${.PVC.name}", "does not name one directory"),
        ("shared", "does not name one directory"),
        (PATTERN + "_${.PVC.name}", "does not name one directory"),
        (PATTERN + "_${.PVC.labels.app}", "does not name one directory"),
        (PATTERN + "_${.PVC.annotations.x/y}", "does not name one directory"),
        (PATTERN + "_$${.PVC.name", "does not name one directory"),
        ("${.PVC.namespace}-${.PVC.name}", "gives two claims the same directory"),
        ("${.PVC.name}${.PVC.namespace}", "gives two claims the same directory"),
        ("X_${.PVC.namespace}-x-${.PVC.name}_X", "gives two claims the same directory"),
    ],
)
def test_pattern_that_claims_could_share_is_refused(pattern: str, message: str) -> None:
    """v4.0.2 would delete or archive another claim's directory, or none."""
    with pytest.raises(OptionsError, match=f"path-pattern: .* {message}"):
        options_with(path_pattern=pattern, on_delete="delete")


@pytest.mark.parametrize(
    ("options", "is_accepted"),
    [
        ({}, False), ({"on_delete": "delete"}, True), ({"on_delete": "retain"}, True),
        ({"archive_on_delete": False}, True), ({"reclaim_policy": "Retain"}, True),
    ],
)  # fmt: skip
def test_pattern_with_archives_is_refused(options: dict[str, Any], is_accepted: bool) -> None:
    """Claims of one name that follow each other would have one archive."""
    if is_accepted:
        accepted = options_with(path_pattern=PATTERN, **options)
        assert accepted.storage_class.path_pattern == PATTERN
        return
    message = "second claim of the same name could not be archived"
    with pytest.raises(OptionsError, match=message):
        options_with(path_pattern=PATTERN, **options)
