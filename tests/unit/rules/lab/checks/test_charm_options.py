"""Rules about the options of any charm."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.assessments import assess_layer, bundle_findings, paths_of


@pytest.mark.parametrize(("policy", "is_reported"), [("Recycle", True), ("Retain", False)])
def test_raw_reclaim_policy_must_be_one_that_nfs_server_accepts(
    tmp_path: Path, policy: str, is_reported: bool
) -> None:
    """The model checks the section only."""
    options = {"nfs-server": {"options": {"reclaim-policy": policy}}}
    layer = {"nfs": {"server": "node3"}, "applications": options}
    path = "applications.nfs-server.options.reclaim-policy"

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL046") == [path] * is_reported


@pytest.mark.parametrize(
    ("charm", "option", "setting", "is_reported"),
    [
        ("postgresql", "on-delete", "cascade", False),
        ("./nfs-server.charm", "on-delete", "cascade", True),
        ("hadoop-worker", "docker_runtime", "podman", False),
        ("cs:~containers/docker-60", "docker_runtime", "podman", True),
        ("kubernetes-control-plane", "allow-privileged", "yes", True),
        ("kubernetes-control-plane", "allow-privileged", True, False),
    ],
)
def test_values_are_those_of_the_charm_that_has_the_option(
    charm: str, option: str, setting: object, is_reported: bool
) -> None:
    """Another charm may have an option of the same name."""
    bundle = {"applications": {"a": {"charm": charm, "options": {option: setting}}}}

    assert paths_of(bundle_findings(bundle), "BL046") == (
        [f"applications.a.options.{option}"] * is_reported
    )


@pytest.mark.parametrize(("charm", "is_reported"), [("./kubeflow-installer", False), ("w", True)])
def test_name_of_a_secret_of_the_cluster_is_not_reported(charm: str, *, is_reported: bool) -> None:
    """What the option of another charm holds is not known."""
    application = {"charm": charm, "options": {"tls-secret": "kubeflow/dashboard"}}
    findings = bundle_findings({"applications": {"a": application}})

    assert bool(paths_of(findings, "BL047")) is is_reported


@pytest.mark.parametrize(
    ("option", "setting", "is_reported"),
    [
        ("admin-password", "hunter2", True),
        ("admin-secret", "secret:d0b2k9q4n7", False),
        ("password-encryption", "scram", False),
        ("token-ttl", "3600", False),
        ("private-key-file", "/etc/key.pem", False),
        ("use-token", "True", False),
        ("secret-id", "5f3a", True),
    ],
)
def test_option_that_only_describes_a_secret_is_not_reported(
    option: str, setting: str, is_reported: bool
) -> None:
    """A reference to a secret that Juju stores is the right way to pass one."""
    bundle = {"applications": {"a": {"charm": "local:a", "options": {option: setting}}}}

    assert paths_of(bundle_findings(bundle), "BL047") == (
        [f"applications.a.options.{option}"] * is_reported
    )
