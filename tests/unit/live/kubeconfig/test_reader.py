"""The access that a kubeconfig gives, and the texts that are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from botlab.live.kubeconfig.model import ClusterAddress, Credentials, Kubeconfig
from botlab.live.kubeconfig.reader import KubeconfigError, read_kubeconfig
from helpers.kubeconfigs import PEM, PEM_DATA, kubeconfig_document, kubeconfig_text

ADDRESS = ClusterAddress("https://192.168.1.10:6443", PEM)


def refusal(text: str, directory: Path | None = None) -> str:
    """Return the message with which a text is refused."""
    with pytest.raises(KubeconfigError) as raised:
        read_kubeconfig(text, "the text", directory)
    return str(raised.value)


def test_token_and_authority_are_read() -> None:
    kubeconfig = read_kubeconfig(kubeconfig_text(), "the text")

    assert kubeconfig == Kubeconfig(ADDRESS, Credentials("secret-token"))


def test_client_certificate_is_read() -> None:
    user = {"client-certificate-data": PEM_DATA, "client-key-data": PEM_DATA}

    kubeconfig = read_kubeconfig(kubeconfig_text(user=user), "the text")

    assert kubeconfig.credentials == Credentials(certificate=PEM, key=PEM)


def test_name_and_password_of_2019_are_read() -> None:
    user = {"username": "admin", "password": "secret"}

    kubeconfig = read_kubeconfig(kubeconfig_text(user=user), "the text")

    assert kubeconfig.credentials == Credentials("", "", "", "admin", "secret")


def test_secrets_are_not_in_the_representation() -> None:
    user = {"token": "hunter2", "username": "hunter2", "password": "hunter2"}

    kubeconfig = read_kubeconfig(kubeconfig_text(user=user), "the text")

    assert "hunter2" not in repr(kubeconfig)


def test_numbers_and_words_of_yaml_stay_text() -> None:
    """YAML 1.1 has a number in 1_000 and a boolean in no."""
    text = kubeconfig_text().replace('"secret-token"', "1_000").replace('"admin"', "no")

    assert read_kubeconfig(text, "the text").credentials == Credentials("1_000")


def test_keys_that_are_not_read_are_named() -> None:
    text = kubeconfig_text(
        user={"token": "t", "as": "root"}, proxy_url="http://evil.example", extensions=[]
    )

    kubeconfig = read_kubeconfig(text, "the text")

    assert kubeconfig.cluster.proxy_url == ""
    assert kubeconfig.unread == ("cluster.proxy-url", "cluster.extensions", "user.as")


@pytest.mark.parametrize(
    ("cluster", "message"),
    [
        (
            {"insecure_skip_tls_verify": True},
            "the text: cluster.insecure-skip-tls-verify switches off the verification of TLS,"
            " which botlab does not do; remove the key, and add certificate-authority-data",
        ),
        (
            {"server": "http://192.168.1.10:8080"},
            "the text: cluster.server is not a URL such as https://192.168.1.10:6443",
        ),
        (
            {"server": "https://admin:pass@192.168.1.10"},
            "the text: cluster.server is not a URL such as https://192.168.1.10:6443",
        ),
        (
            {"certificate_authority_data": "???"},
            "the text: cluster.certificate-authority-data is not the base64 of a PEM text",
        ),
        (
            {"certificate_authority_data": "aHVudGVyMg=="},
            "the text: cluster.certificate-authority-data is not the base64 of a PEM text",
        ),
        (
            {"certificate_authority_data": None, "certificate_authority": "/etc/shadow"},
            "the text: cluster.certificate-authority names a file of another machine; the"
            " kubeconfig must contain the data (kubectl config view --raw --flatten)",
        ),
    ],
)
def test_cluster_that_cannot_be_trusted_is_refused(cluster: dict[str, Any], message: str) -> None:
    assert refusal(kubeconfig_text(**cluster)) == message


@pytest.mark.parametrize("spelling", ["true", '"true"', "yes", "True", "1"])
def test_every_spelling_that_switches_verification_off_is_refused(spelling: str) -> None:
    text = kubeconfig_text(insecure_skip_tls_verify=0).replace(": 0", f": {spelling}")

    assert "insecure-skip-tls-verify switches off" in refusal(text)


@pytest.mark.parametrize("spelling", ["false", "False", "null"])
def test_verification_that_is_on_is_accepted(spelling: str) -> None:
    text = kubeconfig_text(insecure_skip_tls_verify=0).replace(": 0", f": {spelling}")

    assert read_kubeconfig(text, "the text").cluster == ADDRESS


@pytest.mark.parametrize(
    ("user", "message"),
    [
        (
            {"exec": {"command": "rm", "args": ["-rf"]}, "token": "t"},
            "user.exec runs a program to get credentials, which botlab does not do; use a"
            " kubeconfig with a token or a client certificate",
        ),
        (
            {"auth-provider": {"name": "gcp"}},
            "user.auth-provider runs a program to get credentials, which botlab does not do; use"
            " a kubeconfig with a token or a client certificate",
        ),
        (
            {"tokenFile": "/var/run/token"},
            "user.tokenFile names a file of another machine; the kubeconfig must contain the data"
            " (kubectl config view --raw --flatten)",
        ),
        ({"as": "root"}, "the user has neither a token nor a client certificate"),
        (
            {"client-certificate-data": PEM_DATA},
            "the user needs both client-certificate-data and client-key-data",
        ),
        ({"token": "a\r\nb: c"}, "user.token has characters that a token cannot have"),
    ],
)
def test_user_without_credentials_of_its_own_is_refused(
    user: dict[str, Any], message: str
) -> None:
    assert refusal(kubeconfig_text(user=user)) == f"the text: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not one mapping, as a kubeconfig is"),
        ("[]", "is not one mapping, as a kubeconfig is"),
        ("a: 1\n---\nb: 2\n", "is not one mapping, as a kubeconfig is"),
        ("a: 1\na: 2\n", "line 2 has a key twice, or a key that is not text"),
        ("? [a]\n: 1\n", "line 1 has a key twice, or a key that is not text"),
        (
            "{}",
            "its current context names no entry of contexts; choose a context with kubectl config"
            " use-context",
        ),
        ("x" * 2**20 + "y", "is larger than 1 MiB"),
    ],
)
def test_text_that_is_no_kubeconfig_is_refused(text: str, message: str) -> None:
    assert refusal(text) == f"the text: {message}"


def test_half_of_a_kubeconfig_is_refused_without_its_secret() -> None:
    text = kubeconfig_text()

    message = refusal(text[: text.index("secret-token") + 5])

    assert message == "the text:1:430: is not YAML"


def test_context_without_its_cluster_is_refused() -> None:
    document = kubeconfig_document()
    document["clusters"] = [{"name": "other"}, "text", None]

    assert refusal(json.dumps(document)).startswith(
        "the text: its current context names no entry of clusters"
    )


def test_aliases_that_expand_without_end_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    assert "the aliases expand to more than" in refusal("\n".join(lines))


def test_kubeconfig_of_the_user_may_name_files_and_a_proxy(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text(PEM)
    (tmp_path / "token").write_text("from-file\n")
    text = kubeconfig_text(
        user={"tokenFile": "token"},
        certificate_authority_data=None,
        certificate_authority="ca.crt",
        proxy_url="http://proxy:3128",
    )

    kubeconfig = read_kubeconfig(text, "the text", tmp_path)

    assert kubeconfig == Kubeconfig(
        ClusterAddress("https://192.168.1.10:6443", PEM, proxy_url="http://proxy:3128"),
        Credentials("from-file"),
    )


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    message = refusal(kubeconfig_text(user={"tokenFile": "token"}), tmp_path)

    assert message == (
        f"the text: user.tokenFile: {tmp_path}/token: cannot be read: No such file or directory"
    )
