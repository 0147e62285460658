"""The generator refuses the kubeconfigs that the charms refuse, and quotes no value of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botlab.findings import path_text
from botlab.rules.lab.options.kubeconfigs import kubeconfig_faults
from helpers.assessments import assess_layer, of_rule
from helpers.kubeconfigs import PEM_DATA, kubeconfig_document
from labkube.client.kubeconfig import KubeconfigError, read

HIDDEN = "hunter2"
TOKEN = {"token": HIDDEN}
CERTIFICATE = {"client-certificate-data": PEM_DATA, "client-key-data": PEM_DATA}
FILES = ("client-certificate", "client-key", "tokenFile")
PROGRAMS = ("exec", "auth-provider")


def changed(**keys: Any) -> dict[str, Any]:
    """Return a kubeconfig with changed keys at its top; None removes one."""
    document = {**kubeconfig_document(user=TOKEN), **keys}
    return {key: value for key, value in document.items() if value is not None}


GOOD = [
    kubeconfig_document(user=TOKEN),
    kubeconfig_document(user=CERTIFICATE),
    kubeconfig_document(user={**TOKEN, "username": "x"}),
    kubeconfig_document("https://[fd00::1]:6443/k8s?x=1", user=TOKEN),
    kubeconfig_document(user=TOKEN, insecure_skip_tls_verify=False),
]
# Kubeconfigs with the parts of their faults.
BAD: list[tuple[Any, list[str]]] = [
    (f"a: [{HIDDEN}", ["is not YAML"]),
    (f"token: {HIDDEN}: x", ["is not YAML"]),
    (f"- {HIDDEN}", ["is not a mapping"]),
    (HIDDEN, ["is not a mapping"]),
    (changed(**{"current-context": None}), ["has no current-context"]),
    (changed(**{"current-context": HIDDEN}), ["has no entry of contexts"]),
    (changed(contexts=None), ["has no entry of contexts"]),
    (changed(contexts=[{"name": "juju-context", "context": "x"}]), ["has no entry of contexts"]),
    (changed(clusters="x"), ["has no entry of clusters"]),
    (changed(users=[{"name": "other", "user": TOKEN}]), ["has no entry of users"]),
    (changed(clusters=None, users=None), ["has no entry of clusters", "has no entry of users"]),
    (kubeconfig_document(user=TOKEN, insecure_skip_tls_verify=True), ["has insecure-skip-tls-"]),
    (kubeconfig_document("http://x", user=TOKEN), ["has no https URL"]),
    (kubeconfig_document(user=TOKEN, server=None), ["has no https URL"]),
    (kubeconfig_document(f"https://u:{HIDDEN}@x", user=TOKEN), ["has a user or a password"]),
    (kubeconfig_document("https://u:p/w@x", user=TOKEN), ["has a user or a password"]),
    (
        kubeconfig_document(user=TOKEN, certificate_authority="ca.crt"),
        ["names a file (certificate-authority)"],
    ),
    *(
        (kubeconfig_document(user={**TOKEN, key: HIDDEN}), [f"names a file ({key})"])
        for key in FILES
    ),
    *(
        (kubeconfig_document(user={key: {"x": HIDDEN}}), [f"from a program ({key})"])
        for key in PROGRAMS
    ),
    (
        kubeconfig_document(user=TOKEN, certificate_authority_data=None),
        ["has no certificate-authority-data"],
    ),
    (
        kubeconfig_document(user=TOKEN, certificate_authority_data="!"),
        ["has a damaged certificate-authority-data"],
    ),
    (
        kubeconfig_document(user={**CERTIFICATE, "client-certificate-data": "/w=="}),
        ["has a damaged client-certificate-data"],
    ),
    (
        kubeconfig_document(user={**TOKEN, "client-key-data": "x"}),
        ["has a damaged client-key-data"],
    ),
    (kubeconfig_document(user={"username": "x", "password": HIDDEN}), ["has neither"]),
    (
        kubeconfig_document("x", user={"exec": {}, "tokenFile": "t"}, insecure_skip_tls_verify=1),
        ["has insecure-skip-tls-verify", "has no https URL", "names a file (tokenFile)"],
    ),
]


def text_of(document: Any) -> str:
    """Return a kubeconfig as YAML."""
    return document if isinstance(document, str) else yaml.safe_dump(document)


@pytest.mark.parametrize("document", GOOD)
def test_kubeconfig_that_the_charms_accept_has_no_fault(document: dict[str, Any]) -> None:
    """Also as JSON, which is YAML."""
    for text in (text_of(document), json.dumps(document)):
        assert read(text, yaml.safe_load).url
        assert list(kubeconfig_faults(text)) == []


@pytest.mark.parametrize(("document", "problems"), BAD)
def test_kubeconfig_that_the_charms_refuse_has_its_faults(
    document: Any, problems: list[str]
) -> None:
    """All of them at once, without a value of the file."""
    text = text_of(document)
    with pytest.raises(KubeconfigError):
        read(text, yaml.safe_load)
    faults = list(kubeconfig_faults(text))

    for fault, problem in zip(faults, problems, strict=True):
        assert problem in fault.problem
        assert fault.fix
    assert HIDDEN not in str(faults)


ODD_VALUES: list[Any] = [
    *(None, "", "x", 0, 1, True, False, [], {}, ["x"], {"name": "admin"}, "https://[", "/w=="),
    *("https://x", PEM_DATA, "juju-cluster", "a\x00b"),
]


@settings(
    max_examples=300,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(st.tuples(st.integers(0, 99), st.sampled_from(ODD_VALUES)), max_size=3))
def test_damaged_kubeconfig_is_judged_as_the_charms_do(changes: list[tuple[int, Any]]) -> None:
    """Whatever values replace those of a good one. A context without a name is not accepted."""
    document = kubeconfig_document(user={**TOKEN, **CERTIFICATE})
    for number, value in changes:
        places = list(places_of(document))
        container, key = places[number % len(places)]
        container[key] = copy.deepcopy(value)
    text = yaml.safe_dump(document, allow_unicode=True)
    try:
        read(text, yaml.safe_load)
        is_accepted = bool(document.get("current-context"))
    except KubeconfigError:
        is_accepted = False

    assert (list(kubeconfig_faults(text)) == []) is is_accepted


def places_of(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the containers of a document with their keys or indices."""
    if not isinstance(node, dict | list):
        return
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        yield from places_of(node[key])


@pytest.mark.parametrize(
    ("secret", "is_valid"),
    [
        ("secret:d2k3rbjmp25c7t4m2vvg", True),
        ("secret:5d6b1e8e-3f2a-4c7b-8a5d-0123456789ab/d2k3rbjmp25c7t4m2vvg", True),
        ("secret://5d6b1e8e-3f2a-4c7b-8a5d-0123456789ab/d2k3rbjmp25c7t4m2vvg", True),
        ("secret:ID", False),
        ("secret:", False),
        ("secret:lab-kubeconfig", False),
        ("secret:d2k3rbjmp25c7t4m2vvz", False),
        ("secret:d2k3rbjmp25c7t4m2vvg\n", False),
    ],
)
def test_secret_must_be_an_id(secret: str, is_valid: bool) -> None:
    """Juju finds a secret of a charm's option by its id, not by its name."""
    assert [fault.problem for fault in kubeconfig_faults(secret)] == (
        [] if is_valid else ["is not the id of a secret of Juju"]
    )


def test_kubeconfig_of_a_site_is_reported_once_at_its_key(tmp_path: Path) -> None:
    """Although several applications get it."""
    (tmp_path / "kubeconfig").write_text(text_of(changed(users=None)), encoding="utf-8")
    layer = {
        "juju": "3.6",
        "kubernetes": {"profile": "existing", "kubeconfig": "kubeconfig"},
        "machines": {name: {"roles": []} for name in ("node0", "node1", "node2", "node3")},
        "nfs": {"server": "node1"},
        "metallb": {"pools": {"default": {"addresses": ["10.0.0.150-10.0.0.160"]}}},
    }
    (finding,) = of_rule(assess_layer(tmp_path, layer).findings, "BL180")

    assert path_text(finding.path) == "kubernetes.kubeconfig"
    assert finding.message == (
        "the kubeconfig has no entry of users that its current-context names"
    )
