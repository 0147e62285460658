"""The fixes of failures that Kubeflow is known for, by messages as other programs write them."""

from __future__ import annotations

import pytest

from kubeflow_installer.reconcile.known_failures import fix_for_crash, fix_for_message

OLD, TODAY = (1, 13), (1, 35)
MIRROR = "if the nodes cannot reach the registry: set image-registry to a mirror"


@pytest.mark.parametrize(
    ("message", "fix"),
    [
        ("couldn't mount: need a /sbin/mount.<type> helper program", "install nfs-common on"),
        ("mount.nfs: not found", "install nfs-common on every worker"),
        ("mysqld: Can't open '/var/lib/mysql': Permission denied", "on NFS its directory must"),
        ("Access denied for user 'root'@'10.1.0.1'", "on NFS its directory must be empty and"),
        (
            "Error opening bolt store: open /var/lib/authservice/data.db: permission denied",
            "fsGroup",
        ),
        ("fsnotify watcher: too many open files", "on every worker: sysctl -w fs.inotify."),
        ("toomanyrequests: You have reached your pull limit", "the registry limits pulls: use a"),
        ("Rate limit exceeded", "the registry limits pulls: use a mirror"),
        ("rate limit exceeded", "the registry limits pulls: use a mirror"),
        ("ImagePullBackOff", MIRROR),
        ("ErrImagePull: dial tcp: i/o timeout", MIRROR),
        ("0/3 nodes are available: 3 Insufficient cpu.", "add a worker, or exclude components"),
        ("0/3 nodes are available: 3 Insufficient memory.", "add a worker, or exclude components"),
        ("0/3 nodes are available: 3 Too many pods.", "add a worker, or exclude components"),
        ('failed calling webhook "x": connection refused', "this clears when the webhook's pod"),
        ('failed calling admission webhook "x": EOF', "this clears when the webhook's pod"),
        ('pods "x" is forbidden: violates PodSecurity "baseline"', "label the namespace pod-"),
        ("OOMKilled", "the node has too little memory, or the container's limit is too low"),
        ("FailedMount: something else", ""),
        ("Insufficient nvidia.com/gpu", ""),
        ("", ""),
    ],
)
def test_message_of_a_known_failure_has_a_fix(message: str, fix: str) -> None:
    """An unknown message has none: the status shows it as it is."""
    found = fix_for_message(message, OLD)

    assert found.startswith(fix)
    assert bool(found) is bool(fix)


@pytest.mark.parametrize(
    ("message", "option"),
    [
        ("failed to fetch token: the server could not find", "api-extra-args="),
        ("the API server does not have TokenRequest endpoints enabled", "api-extra-args="),
        ("spec.containers[0].securityContext.privileged: disallowed by cluster policy", "allow-"),
        ("Privileged containers are not allowed", "allow-privileged=true"),
        ("privileged containers are not allowed", "allow-privileged=true"),
    ],
)
def test_fix_by_a_flag_names_the_control_plane_of_the_server(message: str, option: str) -> None:
    assert option in fix_for_message(message, OLD)
    assert fix_for_message(message, OLD).startswith("juju config kubernetes-master ")
    assert fix_for_message(message, TODAY).startswith("juju config kubernetes-control-plane ")


def test_pull_of_an_image_that_upstream_deleted_needs_a_mirror_that_has_it() -> None:
    """Another cause of the message about such an image has its own fix."""
    image = "gcr.io/kubeflow-images-public/ingress-setup:latest"

    assert fix_for_message(f"ErrImagePull {image}", OLD) == (
        "upstream deleted this image: set image-registry to a mirror that has it, or"
        " image-overrides"
    )
    assert fix_for_message(f"OOMKilled {image}", OLD).startswith("the node has too little memory")
    assert fix_for_message("ErrImagePull registry.lab.example/own:1", OLD) == MIRROR


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("mysql", "on NFS its directory must be empty"),
        ("katib-db", "on NFS its directory must be empty"),
        ("metadata-db", "on NFS its directory must be empty"),
        (
            "authservice-0",
            "fsGroup has no effect on NFS: the claim's directory needs the mode 0777",
        ),
        ("katib-ui", ""),
    ],
)
def test_workload_that_crashes_is_recognized_by_its_name(name: str, fix: str) -> None:
    """Only its log has the cause."""
    found = fix_for_crash(name)

    assert found.startswith(fix)
    assert bool(found) is bool(fix)
    assert ("apparmor_parser -R /etc/apparmor.d/usr.sbin.mysqld" in found) is (
        "db" in name or name == "mysql"
    )
