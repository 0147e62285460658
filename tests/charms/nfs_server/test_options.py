"""The options, validated all together."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.nfs.defaults import options_with
from labcharm.validators import OptionsError
from nfs_server.cluster.storage_class import StorageClass


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


PROBLEMS = [
    "networks: 10.0.0.1/24 has bits beyond its mask; write 10.0.0.0/24, or the address without"
    " /24; * admits everybody; name networks, or set allow-world=true",
    "export-root: /etc belongs to the system; export another directory",
    "options: ro and rw exclude each other",
    "shares.a.path: 'relative' is not an absolute path of plain characters;"
    " write a path such as /srv/nfs",
    "root-owner: 'root' is not USER:GROUP",
    "root-mode: 'rwx' is not a file mode; write four digits such as 0755",
    "threads is 5000; write 1 to 4096, or 0 for the machine's own number",
    "nfs-versions: '5' is not an NFS version; use 4, 3, 4.0, 4.1, 4.2",
    "mount-options: 'hard;rm' is not a mount option such as nfsvers=4.1",
    "reclaim-policy is 'Recycle'; write Delete or Retain",
    "on-delete is 'burn'; write delete or retain",
    "storage-class: 'No_Name' is not a name of lower-case letters, digits and dashes",
    "provisioner-name: 'plain' is not DOMAIN/NAME",
    "path-pattern: '../x' does not name one directory; write ${.PVC.namespace}_${.PVC.name}:"
    " both variables once, and no /",
    "provisioner-version: 'v9' is not a release of the provisioner;"
    " write v3.1.0-k8s1.11 or v4.0.2",
    "image-registry is 'https://reg'; write HOST:PORT/PATH without a scheme",
]


def test_all_problems_are_reported_together() -> None:
    """Each option is named once, with its value and the fix."""
    with pytest.raises(OptionsError) as raised:
        options_with(**INVALID)
    assert [str(problem) for problem in raised.value.problems] == PROBLEMS


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"root_owner": "no-such-user:root"}, "root-owner: this machine has no user"),
        ({"root_owner": "root:no-such-group"}, "root-owner: this machine has no group"),
        ({"root_mode": "0888"}, "root-mode: '0888' is not a file mode"),
        ({"threads": -1}, "threads is -1; write 1 to 4096"),
        ({"threads": 4097}, "threads is 4097; write 1 to 4096"),
    ],
)
def test_value_beyond_the_limits_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionsError) as raised:
        options_with(**options)
    (problem,) = raised.value.problems
    assert str(problem).startswith(message)


def test_values_reach_the_options() -> None:
    options = options_with(
        root_owner="root:root", root_mode="1777", adopt=True, threads=4096,
        mount_options="hard, nfsvers=4.1", provisioner_version="v4.0.2",
        image_registry="reg:5000/x", allow_world=True, applications_root="/srv/apps",
        storage_class="fast.nfs-1", default_class=False, reclaim_policy="Retain",
        archive_on_delete=False, on_delete="retain", provisioner_name="lab.example/nfs",
    )  # fmt: skip

    assert (options.owner, options.mode, options.adopt) == ("root:root", 0o1777, True)
    assert (options.settings.threads, options.allow_world) == (4096, True)
    assert options.mount_options == ("hard", "nfsvers=4.1")
    assert (options.provisioner_version, options.image_registry) == ("v4.0.2", "reg:5000/x")
    assert options.applications_root == "/srv/apps"
    assert options.storage_class == StorageClass(
        "fast.nfs-1", False, "lab.example/nfs", "Retain", False, "retain", ""
    )


def test_port_of_mount_options_is_a_port() -> None:
    assert options_with(mount_options="port=65535").mount_options == ("port=65535",)
    for option in ("port", "port=65536", "port=nfs"):
        with pytest.raises(OptionsError) as raised:
            options_with(mount_options=option)
        message = f"mount-options: {option!r} is not a port; write a number up to 65535"
        assert raised.value.problems == [message]


def test_options_that_juju_does_not_give_are_off() -> None:
    options = options_with()

    assert (options.adopt, options.allow_world, options.settings) == (False, False, (0, ()))
    assert (options.shares, options.applications_root, options.mount_options) == ((), "", ())
    assert (options.provisioner_version, options.image_registry) == ("", "")
    assert options.export_root.options == ("rw", "sync", "no_subtree_check", "root_squash")


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
