"""The certificate: right names and time, its key seen by nobody, taken by all clients."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from helpers.interpreters import find_python, missing
from helpers.kubeflow.lab_gateway import Door
from kubeflow_installer.ingress import tls
from kubeflow_installer.ingress.tls import CertificateError, Pair
from labcharm.machine import Machine

NAMES = ["kubeflow.lab.example", "127.0.0.1", "fd00::1"]
ROOT = Path(__file__).resolve().parents[3]
# Asks a door for a page by the charm's own client.
VISIT = """
import sys
sys.path[:0] = sys.argv[1:3]
from ingress.browser import Browser
ca = sys.stdin.read()
for host in ("127.0.0.1", "kubeflow.lab.example"):
    url = "https://%s:%s" % (host, sys.argv[3])
    print(Browser(url, ca, "127.0.0.1").get(url).status)
"""


@pytest.fixture(scope="module")
def pair() -> Pair:
    """Make one certificate for all tests."""
    return tls.self_signed(Machine(), NAMES)


class Watching(Machine):
    """A machine that remembers commands, and the modes of the files that they write."""

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[list[str]] = []
        self.modes: dict[str, int] = {}
        self.folder = Path()

    def check(self, command: list[str], timeout: float = 600.0) -> str:
        """Run it, and look at its files before they are gone."""
        self.commands.append(command)
        self.folder = Path(next(word for word in command if word.startswith("/"))).parent
        out = super().check(command, timeout)
        self.modes = {one.name: one.stat().st_mode & 0o777 for one in self.folder.iterdir()}
        self.modes["."] = self.folder.stat().st_mode & 0o777
        return out


def test_names_and_end(pair: Pair) -> None:
    """All names are there, for 397 days."""
    facts = tls.read(Machine(), pair.certificate)
    assert facts.names[:2] == ("kubeflow.lab.example", "127.0.0.1")
    assert tls.missing_names(facts, NAMES) == []
    assert tls.missing_names(facts, ["lab.example", "127.0.0.2", "x"]) == [
        "lab.example", "127.0.0.2", "x",
    ]  # fmt: skip
    assert tls.days_left(facts) == pytest.approx(397, abs=0.01)
    assert tls.days_left(facts, time.time() + 400 * 86400) < 0


def test_the_key_is_seen_by_nobody() -> None:
    """No argument holds it, its file is ours alone, and gone in the end."""
    machine = Watching()
    pair = tls.self_signed(machine, NAMES)
    body = "".join(pair.key.splitlines()[1:-1])
    assert len(body) > 1000
    assert not any(body[:32] in word for command in machine.commands for word in command)
    assert machine.modes["."] == 0o700
    assert machine.modes["key"] == 0o600
    assert not machine.folder.exists()
    machine = Watching()
    assert tls.is_pair(machine, pair)
    assert machine.modes == {".": 0o700, "key": 0o600, "certificate": 0o600}
    assert not machine.folder.exists()


def test_two_are_not_the_same(pair: Pair) -> None:
    """Another key, another number: browsers refuse two of one issuer with one number."""
    other = tls.self_signed(Machine(), NAMES)
    assert tls.is_pair(Machine(), pair)
    assert not tls.is_pair(Machine(), Pair(pair.certificate, other.key))
    serials = [
        subprocess.run(
            ["openssl", "x509", "-noout", "-serial"],
            input=one.certificate,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for one in (pair, other)
    ]
    assert serials[0] != serials[1]


def test_a_leaf_and_no_authority(pair: Pair) -> None:
    """What it signs is trusted by nobody."""
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
def test_each_python_takes_it(pair: Pair, version: str) -> None:
    """By name and by address, the strict ones too (from 3.13 on)."""
    python = find_python(version)
    if not python:
        pytest.skip(missing(version))
    with Door(*pair) as door:
        folders = [str(ROOT / "charms" / one) for one in ("kubeflow-installer/src", "shared/lib")]
        done = subprocess.run(
            [python, "-W", "error", "-c", VISIT, *folders, str(door.ports[0])],
            input=pair.certificate,
            capture_output=True,
            text=True,
        )
    assert (done.returncode, done.stdout) == (0, "200\n200\n"), done.stderr


def test_a_strict_client_takes_it(pair: Pair) -> None:
    """With the very flags of Python 3.13, whatever Python runs this."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=pair.certificate)
    with Door(*pair) as door, socket.create_connection(("127.0.0.1", door.ports[0])) as plain:
        context.wrap_socket(plain, server_hostname="kubeflow.lab.example").close()


@pytest.mark.parametrize(
    ("known", "wanted", "absent"),
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
def test_which_names_are_covered(known: tuple[str, ...], wanted: str, absent: list[str]) -> None:
    """A star stands for one label; an address is one however it is written."""
    assert tls.missing_names(tls.Facts(known, 0), [wanted]) == absent


@pytest.mark.parametrize("name", ["a,IP:10.0.0.1", "a\nb", "-a", "a b", "*", "", "DNS:a", "a..b"])
def test_no_name(name: str) -> None:
    """Nothing of it reaches openssl's configuration."""
    with pytest.raises(CertificateError, match="a certificate cannot be for"):
        tls.self_signed(Machine(), ["kubeflow.lab.example", name])


def test_no_names_at_all() -> None:
    """There is nothing to make."""
    with pytest.raises(CertificateError, match="no name"):
        tls.self_signed(Machine(), [])


def test_a_long_name() -> None:
    """It does not fit the subject, and is among the alternative names all the same."""
    name = ".".join(["a" * 40] * 4)
    pair = tls.self_signed(Machine(), [name])
    assert tls.read(Machine(), pair.certificate).names == (name,)


def test_what_cannot_be_read(pair: Pair) -> None:
    """No certificate, no key, a key under a password; none is quoted."""
    with pytest.raises(CertificateError, match="no certificate: openssl ended with 1"):
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
        assert str(error.value) == "its key is no PEM, or under a password"


def test_no_openssl() -> None:
    """With its mend."""
    with pytest.raises(CertificateError, match="openssl is not there; install the package"):
        tls.self_signed(Machine(environment={"PATH": "/nowhere"}), NAMES)


def test_an_ec_key_is_read_too(tmp_path: Path) -> None:
    """A given certificate may have one."""
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
    found = Pair(certificate.read_text(), key.read_text())
    assert tls.is_pair(Machine(), found)
    facts = tls.read(Machine(), found.certificate)
    assert facts.names == ("x",)
    assert tls.days_left(facts) == pytest.approx(10, abs=0.01)
