"""Kubeconfig files: what the charms write, and which files of an administrator they accept."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.kubeconfigs import PEM, PEM_DATA, kubeconfig_document
from labcharm.machine import Machine
from labkube.client.access import Access
from labkube.client.kubeconfig import KubeconfigError, read, render, write

URL = "https://192.168.1.10:6443"
KEY_DATA = base64.b64encode(b"KEY").decode()
CERTIFICATE = {"client-certificate-data": PEM_DATA, "client-key-data": KEY_DATA}
FLATTEN = "kubectl config view --raw --flatten"
OUTSIDE = f"which this machine does not have; write the data into it ({FLATTEN})"


@pytest.mark.parametrize(
    ("access", "user"),
    [
        (Access(URL, PEM, "secret-token"), {"token": "secret-token"}),
        (Access(URL, PEM, certificate=PEM, key="KEY"), CERTIFICATE),
        (Access(URL, PEM, "secret-token", PEM, "KEY"), CERTIFICATE),
    ],
)
def test_access_is_written_as_one_context(access: Access, user: dict[str, str]) -> None:
    cluster = {"server": URL, "certificate-authority-data": PEM_DATA}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "cluster", "cluster": cluster}],
        "users": [{"name": "cluster", "user": user}],
        "contexts": [
            {"name": "cluster", "context": {"cluster": "cluster", "user": "cluster"}},
        ],
        "current-context": "cluster",
    }

    assert render(access) == json.dumps(document, indent=1)


def test_file_is_written_for_root_alone(tmp_path: Path) -> None:
    """It is written only if its content changes."""
    machine, access = Machine(str(tmp_path)), Access(URL, PEM, "secret-token")

    assert write(machine, "/etc/kubeconfig", access) is True
    assert machine.read("/etc/kubeconfig") == render(access) + "\n"
    assert (tmp_path / "etc/kubeconfig").stat().st_mode & 0o777 == 0o600
    assert write(machine, "/etc/kubeconfig", access) is False


@pytest.mark.parametrize(
    ("user", "access"),
    [
        ({"token": "t"}, Access(URL, PEM, "t")),
        ({"token": None, **CERTIFICATE}, Access(URL, PEM, "", PEM, "KEY")),
        ({"token": "t", **CERTIFICATE}, Access(URL, PEM, "t", PEM, "KEY")),
        ({"client-certificate-data": PEM_DATA}, Access(URL, PEM, "", PEM)),
    ],
)
def test_current_context_gives_access(user: dict[str, Any], access: Access) -> None:
    """Other entries, and entries of another form, do not matter."""
    document = kubeconfig_document(user=user)
    for section, key in (("clusters", "cluster"), ("contexts", "context"), ("users", "user")):
        document[section] = [None, {"name": "x", key: {}}, *document[section], {"name": "y"}]

    assert read(yaml.safe_dump(document), yaml.safe_load) == access


def broken(section: str, entries: Any) -> dict[str, Any]:
    """Return a kubeconfig with other entries in a section."""
    return {**kubeconfig_document(), section: entries}


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ("[", "the kubeconfig is not YAML"),
        ([], "the kubeconfig is not a mapping"),
        *(
            (broken(section, entries), f"names an entry of {section} that does not exist")
            for section in ("contexts", "clusters", "users")
            for entries in (None, "x", [], [{"name": "other"}])
        ),
        (
            broken("users", [{"name": "admin", "user": "text"}]),
            "names an entry of users that does not exist",
        ),
        (
            kubeconfig_document(insecure_skip_tls_verify=True),
            "the cluster has insecure-skip-tls-verify; give its CA instead",
        ),
        (kubeconfig_document("http://x"), "the cluster's server is not an https URL"),
        (
            kubeconfig_document("https://u:hunter2@x"),
            "the cluster's server contains a user or a password; use a token",
        ),
        (kubeconfig_document(server=None), "the cluster's server is not an https URL"),  # type: ignore[arg-type]
        (
            kubeconfig_document(certificate_authority="/ca.crt"),
            f"the kubeconfig has certificate-authority, {OUTSIDE}",
        ),
        *(
            (kubeconfig_document(user={key: "x"}), f"the kubeconfig has {key}, {OUTSIDE}")
            for key in ("client-certificate", "client-key", "tokenFile", "exec", "auth-provider")
        ),
        (
            kubeconfig_document(certificate_authority_data=None),
            "the cluster has no certificate-authority-data, without which TLS cannot be verified",
        ),
        (
            kubeconfig_document(certificate_authority_data="!"),
            "certificate-authority-data of the kubeconfig is damaged",
        ),
        (
            kubeconfig_document(user={"token": "t", "client-key-data": "/w=="}),
            "client-key-data of the kubeconfig is damaged",
        ),
        (
            kubeconfig_document(user={"client-key-data": KEY_DATA}),
            "the user has neither token nor client-certificate-data",
        ),
    ],
)
def test_kubeconfig_that_cannot_be_used_names_the_rule(document: Any, rule: str) -> None:
    text = document if isinstance(document, str) else yaml.safe_dump(document)
    with pytest.raises(KubeconfigError) as raised:
        read(text, yaml.safe_load)

    expected = f"the current context {rule}" if rule.startswith("names") else rule
    assert raised.value.rule == expected
    assert str(raised.value) == f"option kubeconfig: {expected}"
