"""The entries of a lab in a kubeconfig of the user."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from botlab.live.errors import LiveError
from botlab.live.kubeconfig.entries import Owner, render_kubeconfig
from botlab.live.kubeconfig.merge import MergeConflictError, merge_kubeconfig
from botlab.live.kubeconfig.model import ClusterAddress, Credentials, Kubeconfig
from helpers.kubeconfigs import PEM, PEM_DATA

PASSWORD = "-".join(("word", "of", "the", "admin"))
OWNER = Owner("lab", "ctrl:lab")
OTHER = Owner("lab", "ctrl:other")
LAB = Kubeconfig(ClusterAddress("https://192.168.1.10:6443", PEM), Credentials("t1"))
ROTATED = Kubeconfig(LAB.cluster, Credentials(certificate=PEM, key=PEM))
MARK = [{"name": "botlab", "extension": {"site": "lab", "model": "ctrl:lab"}}]
USERS_FILE = """\
apiVersion: v1
kind: Config
preferences: {}
clusters:
- cluster:
    server: https://work.example
    disable-compression: on
  name: work
contexts:
- context:
    cluster: work
    namespace: 0x1F
    user: no
  name: work
current-context: work
users:
- name: no
  user:
    exec:
      command: aws
      since: 2026-01-01
"""
ENTRIES = {
    "clusters": {
        "name": "lab",
        "cluster": {
            "server": "https://192.168.1.10:6443",
            "certificate-authority-data": PEM_DATA,
            "extensions": MARK,
        },
    },
    "users": {"name": "lab", "user": {"token": "t1", "extensions": MARK}},
    "contexts": {
        "name": "lab", "context": {"cluster": "lab", "user": "lab", "extensions": MARK}
    },
}  # fmt: skip


def merged(text: str, kubeconfig: Kubeconfig = LAB, owner: Owner = OWNER) -> str:
    """Return a text with the entries of a lab."""
    return merge_kubeconfig(text, "config", kubeconfig, "lab", owner)


def parsed(text: str) -> Any:
    """Return the document of a text."""
    return yaml.safe_load(text)


def with_body(section: str, **changes: Any) -> str:
    """Return a kubeconfig of the lab with changes in the body of an entry."""
    document = parsed(merged(""))
    document[section][0][section[:-1]] |= changes
    return yaml.safe_dump(document)


def test_new_file_has_the_entries_and_the_current_context() -> None:
    expected = {
        "apiVersion": "v1",
        "kind": "Config",
        **{section: [entry] for section, entry in ENTRIES.items()},
        "current-context": "lab",
    }
    assert parsed(merged("")) == expected
    assert parsed(render_kubeconfig(LAB, "lab", OWNER)) == expected


def test_kubeconfig_of_a_lab_alone_keeps_its_name_readable() -> None:
    """And its long lines in one piece, as kubectl writes them."""
    text = render_kubeconfig(LAB, "labör", OWNER)

    assert text.startswith("apiVersion: v1\nkind: Config\nclusters:\n- name: labör\n")
    assert f"    certificate-authority-data: {PEM_DATA}\n" in text
    assert text.endswith("\ncurrent-context: labör\n")


@pytest.mark.parametrize(
    "text", ["", USERS_FILE, json.dumps(yaml.safe_load(USERS_FILE), default=str)]
)
def test_second_run_changes_nothing(text: str) -> None:
    first = merged(text)

    assert first != text
    assert merged(first) == first


def test_entries_of_the_user_stay_with_their_spelling() -> None:
    """`no`, `on`, `0x1F` and a date are texts for kubectl, and other types for YAML 1.1."""
    lines = merged(USERS_FILE).splitlines()

    assert [line for line in USERS_FILE.splitlines() if line not in lines] == []
    for section, entry in ENTRIES.items():
        assert parsed(merged(USERS_FILE))[section] == [*parsed(USERS_FILE)[section], entry]


def test_current_context_of_the_user_stays() -> None:
    assert parsed(merged(USERS_FILE))["current-context"] == "work"


@pytest.mark.parametrize("empty", ["null", "[]", ""])
def test_empty_sections_are_filled(empty: str) -> None:
    """A section is null after kubectl has removed its last entry."""
    text = f"clusters: {empty}\ncontexts: {empty}\nusers: {empty}\ncurrent-context: ''\n"

    assert parsed(merged(text)) == {
        **{section: [ENTRIES[section]] for section in ("clusters", "contexts", "users")},
        "current-context": "lab",
    }


def test_rotated_credentials_of_the_same_lab_are_updated() -> None:
    document = parsed(merged(merged(USERS_FILE), ROTATED))

    assert document["users"][1]["user"] == {
        "extensions": MARK,
        "client-certificate-data": PEM_DATA,
        "client-key-data": PEM_DATA,
    }
    assert document["users"][0] == parsed(USERS_FILE)["users"][0]


def test_names_of_the_server_and_of_the_user_are_written() -> None:
    """The control plane of 2019 gives a user name and a password."""
    address = ClusterAddress("https://10.0.0.1", PEM, tls_server_name="kubernetes.lab")
    credentials = Credentials(username="admin", password=PASSWORD)

    document = parsed(merged("", Kubeconfig(address, credentials)))

    assert document["clusters"][0]["cluster"] == {
        "server": "https://10.0.0.1",
        "certificate-authority-data": PEM_DATA,
        "tls-server-name": "kubernetes.lab",
        "extensions": MARK,
    }
    assert document["users"][0]["user"] == {
        "username": "admin",
        "password": PASSWORD,
        "extensions": MARK,
    }


def test_keys_that_the_user_added_stay_in_an_update() -> None:
    text = with_body("clusters", **{"proxy-url": "http://proxy:3128"}, server="https://old")

    cluster = parsed(merged(text))["clusters"][0]["cluster"]

    assert cluster == ENTRIES["clusters"]["cluster"] | {"proxy-url": "http://proxy:3128"}


def test_namespace_of_a_context_is_no_difference() -> None:
    text = with_body("contexts", namespace="kubeflow")

    assert merged(text, owner=OTHER) == text


def test_entries_of_another_model_are_not_overwritten() -> None:
    with pytest.raises(MergeConflictError) as raised:
        merged(merged(""), ROTATED, OTHER)
    assert str(raised.value) == (
        "config: the user lab belongs to the model ctrl:lab and differs; choose another name with"
        " --context, or remove the entry (kubectl --kubeconfig config config delete-user"
        " lab)"
    )


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("cluster", {"server": "https://mine"}),
        ("cluster", {"insecure-skip-tls-verify": True}),
        ("user", {"token": "mine"}),
        ("user", {"exec": {"command": "x"}}),
        ("context", {"user": "mine"}),
    ],
)
def test_entries_of_the_user_are_not_overwritten(kind: str, changes: dict[str, Any]) -> None:
    text = with_body(f"{kind}s", **changes, extensions=[])

    with pytest.raises(MergeConflictError) as raised:
        merged(text)
    assert str(raised.value) == (
        f"config: the {kind} lab was not written by botlab and differs; choose another name with"
        f" --context, or remove the entry (kubectl --kubeconfig config config"
        f" delete-{kind} lab)"
    )
    assert "mine" not in str(raised.value)


def test_equal_entries_of_the_user_stay_as_they_are() -> None:
    document = parsed(merged(""))
    for section in ENTRIES:
        del document[section][0][section[:-1]]["extensions"]
    text = yaml.safe_dump(document)

    assert merged(text) == text


def test_aliases_and_unicode_stay() -> None:
    text = (
        USERS_FILE
        + "extensions:\n- name: é\n  extension: &a {x: [1, 2]}\n- name: b\n  extension: *a\n"
    )

    assert parsed(merged(text))["extensions"] == parsed(text)["extensions"]
    assert "é" in merged(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- a\n", "is not a mapping"),
        ("clusters: text\n", "clusters is not a list"),
        ("users:\n- {name: lab, user: text}\n", "the user lab is not a mapping"),
        ("users:\n- {name: lab}\n- {name: lab}\n", "has two entries lab; remove one of them"),
        ("a: [secret-token\n", "is not YAML (line 2)"),
        ("a: 1\n---\nb: 2\n", "is not YAML (line 2)"),
        (
            "users:\n- name: lab\n  user:\n    extensions:\n    - {a: 1, a: 2}\n",
            "line 5 has a key twice, or a key that is not text",
        ),
    ],
)
def test_file_that_is_no_kubeconfig_is_not_changed(text: str, problem: str) -> None:
    with pytest.raises(LiveError) as raised:
        merged(text)
    assert str(raised.value) == f"config: {problem}, so it is not changed; correct the file"
