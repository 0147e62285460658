"""The juju commands that a person runs to set flags of the API server."""

from __future__ import annotations

import pytest

from kubeflow_installer.preflight import api_server_flags


@pytest.mark.parametrize(
    ("server", "application"),
    [
        ((1, 13), "kubernetes-master"),
        ((1, 23), "kubernetes-master"),
        ((1, 24), "kubernetes-control-plane"),
        ((1, 35), "kubernetes-control-plane"),
    ],
)
def test_commands_name_the_application_of_the_servers_time(
    server: tuple[int, int], application: str
) -> None:
    """Charmed Kubernetes renamed it in 1.24."""
    assert api_server_flags.allow_privileged(server) == (
        f"juju config {application} allow-privileged=true"
    )
    assert api_server_flags.issue_tokens(server) == (
        f'juju config {application} api-extra-args="'
        "service-account-issuer=kubernetes.default.svc"
        " service-account-signing-key-file=/root/cdk/serviceaccount.key"
        ' service-account-api-audiences=api,istio-ca"'
        " (append it to the current content of the option)"
    )
