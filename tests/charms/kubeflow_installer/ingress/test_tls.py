"""The self-signed certificate: its names, its term, its secret key, and the clients it suits."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from helpers.interpreters import find_python, missing
from helpers.kubeflow.charm_path import python_path
from helpers.kubeflow.gateway_standins import HttpsServer
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.tls import CertificateError, Pair
from labcharm.machine import Machine

NAMES = ["kubeflow.lab.example", "127.0.0.1", "fd00::1"]
# Requests a page with the charm's own client; its argument is the server's port.
REQUEST = """
import sys
from kubeflow_installer.ingress.https_client import HttpsClient
ca = sys.stdin.read()
for host in ("127.0.0.1", "kubeflow.lab.example"):
    url = "https://%s:%s" % (host, sys.argv[1])
    print(HttpsClient(url, ca, "127.0.0.1").get(url).status)
"""


@pytest.fixture(scope="module")
def pair() -> Pair:
    """Make one certificate for all tests."""
    return tls.self_signed(Machine(), NAMES)


class RecordingMachine(Machine):
    """A machine that records commands and the modes of their files."""

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[list[str]] = []
        self.modes: dict[str, int] = {}
        self.directory = Path()

    def check(self, command: list[str], timeout: float = 600.0) -> str:
        """Run a command, and read the modes of its files before they are deleted."""
        self.commands.append(command)
        self.directory = Path(next(word for word in command if word.startswith("/"))).parent
        out = super().check(command, timeout)
        self.modes = {file.name: file.stat().st_mode & 0o777 for file in self.directory.iterdir()}
        self.modes["."] = self.directory.stat().st_mode & 0o777
        return out


def test_certificate_has_all_names_for_397_days(pair: Pair) -> None:
    facts = tls.read(Machine(), pair.certificate)
    assert facts.names[:2] == ("kubeflow.lab.example", "127.0.0.1")
    assert tls.missing_names(facts, NAMES) == []
    assert tls.missing_names(facts, ["lab.example", "127.0.0.2", "x"]) == [
        "lab.example", "127.0.0.2", "x",
    ]  # fmt: skip
    assert tls.days_left(facts) == pytest.approx(397, abs=0.01)
    assert tls.days_left(facts, time.time() + 400 * 86400) < 0


def test_key_is_in_no_argument_and_only_in_a_private_file() -> None:
    """The file is deleted afterwards."""
    machine = RecordingMachine()
    pair = tls.self_signed(machine, NAMES)
    body = "".join(pair.key.splitlines()[1:-1])
    assert len(body) > 1000
    assert not any(body[:32] in word for command in machine.commands for word in command)
    assert machine.modes["."] == 0o700
    assert machine.modes["key"] == 0o600
    assert not machine.directory.exists()
    machine = RecordingMachine()
    assert tls.is_pair(machine, pair)
    assert machine.modes == {".": 0o700, "key": 0o600, "certificate": 0o600}
    assert not machine.directory.exists()


def test_two_certificates_differ_in_key_and_serial_number(pair: Pair) -> None:
    """Browsers refuse two certificates of one issuer with the same number."""
    other_pair = tls.self_signed(Machine(), NAMES)
    assert tls.is_pair(Machine(), pair)
    assert not tls.is_pair(Machine(), Pair(pair.certificate, other_pair.key))
    serials = [
        subprocess.run(
            ["openssl", "x509", "-noout", "-serial"],
            input=certified.certificate,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for certified in (pair, other_pair)
    ]
    assert serials[0] != serials[1]


def test_certificate_is_a_leaf_and_not_an_authority(pair: Pair) -> None:
    """Nobody trusts what its key signs."""
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-text"],
        input=pair.certificate,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "CA:FALSE" in shown
    assert "TLS Web Server Authentication" in shown
    assert "Public-Key: (2048 bit)" in shown


@pytest.mark.parametrize("version", ["3.6", "3.8", "3.12", "3.13", "3.14"])
def test_every_python_accepts_the_certificate(pair: Pair, version: str) -> None:
    """By name and by address. Verification is strict from 3.13 on."""
    python = find_python(version)
    if not python:
        pytest.skip(missing(version))
    with HttpsServer(*pair) as server:
        done = subprocess.run(
            [python, "-W", "error", "-c", REQUEST, str(server.ports[0])],
            env={**os.environ, "PYTHONPATH": python_path()},
            input=pair.certificate,
            capture_output=True,
            text=True,
        )
    assert (done.returncode, done.stdout) == (0, "200\n200\n"), done.stderr


def test_strict_client_accepts_the_certificate(pair: Pair) -> None:
    """With the flags of Python 3.13, whichever Python runs this test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=pair.certificate)
    with (
        HttpsServer(*pair) as server,
        socket.create_connection(("127.0.0.1", server.ports[0])) as plain,
    ):
        context.wrap_socket(plain, server_hostname="kubeflow.lab.example").close()


@pytest.mark.parametrize(
    ("names", "name", "missing_names"),
    [
        (("*.lab.example",), "kubeflow.lab.example", []),
        (("*.lab.example",), "KUBEFLOW.lab.example", []),
        (("*.lab.example",), "a.kubeflow.lab.example", ["a.kubeflow.lab.example"]),
        (("*.lab.example",), "lab.example", ["lab.example"]),
        (("*.0.0.1",), "127.0.0.1", ["127.0.0.1"]),
        (("FD00:0:0:0:0:0:0:1",), "fd00::1", []),
        ((), "a", ["a"]),
    ],
)
def test_covered_names(names: tuple[str, ...], name: str, missing_names: list[str]) -> None:
    """A star stands for one label; an address is the same in every notation."""
    assert tls.missing_names(tls.Facts(names, 0), [name]) == missing_names


@pytest.mark.parametrize("name", ["a,IP:10.0.0.1", "a\nb", "-a", "a b", "*", "", "DNS:a", "a..b"])
def test_invalid_name_is_refused(name: str) -> None:
    """It does not reach openssl's configuration."""
    with pytest.raises(CertificateError, match="cannot make a certificate for"):
        tls.self_signed(Machine(), ["kubeflow.lab.example", name])


def test_certificate_needs_a_name() -> None:
    with pytest.raises(CertificateError, match="no name"):
        tls.self_signed(Machine(), [])


def test_long_name_is_an_alternative_name() -> None:
    """It is too long for the subject."""
    name = ".".join(["a" * 40] * 4)
    pair = tls.self_signed(Machine(), [name])
    assert tls.read(Machine(), pair.certificate).names == (name,)


def test_unreadable_certificate_or_key_is_an_error(pair: Pair) -> None:
    """The message quotes neither; a key with a password cannot be read."""
    with pytest.raises(CertificateError, match="or read the certificate: openssl ended with 1"):
        tls.read(Machine(), "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n")
    locked = subprocess.run(
        ["openssl", "pkey", "-aes128", "-passout", "pass:x"],
        input=pair.key,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for key in ("SECRET", locked):
        with pytest.raises(CertificateError) as error:
            tls.is_pair(Machine(), Pair(pair.certificate, key))
        assert str(error.value) == "its key is not PEM, or has a password"


def test_missing_openssl_is_reported_with_its_package() -> None:
    with pytest.raises(CertificateError, match="openssl is not installed; install the package"):
        tls.self_signed(Machine(environment={"PATH": "/nowhere"}), NAMES)


def test_elliptic_curve_key_is_read(tmp_path: Path) -> None:
    """An administrator's certificate may have one."""
    key, certificate = tmp_path / "key", tmp_path / "crt"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "10", "-subj", "/CN=x", "-addext", "subjectAltName=DNS:x",
            "-keyout", key, "-out", certificate,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    ec_pair = Pair(certificate.read_text(), key.read_text())
    assert tls.is_pair(Machine(), ec_pair)
    facts = tls.read(Machine(), ec_pair.certificate)
    assert facts.names == ("x",)
    assert tls.days_left(facts) == pytest.approx(10, abs=0.01)
