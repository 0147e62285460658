"""The certificate that the gateway shows: made by the openssl program, and read by it.

A self-signed one is a leaf and no authority: whoever trusts it trusts these names alone, also when
its key is lost. Without keyUsage it serves all uses (RFC 5280 4.2.1.3): clients of both ends, and
Python 3.13 with its strict verification, take it so.
"""

import contextlib
import ipaddress
import os
import re
import ssl
import tempfile
import time
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from labcharm.machine import CommandError, Machine
from labcharm.text import some

Pair = NamedTuple("Pair", [("certificate", str), ("key", str)])
Facts = NamedTuple("Facts", [("names", Tuple[str, ...]), ("end", int)])
# Browsers take 398 days at most (CA/Browser Forum, Baseline Requirements 6.3.2), the last second
# counted.
DAYS = 397
RENEWED = 30
_DAY = 24 * 3600
_MISSING = 127
# RSA, as every client and proxy of both ends takes it. A common name holds 64 characters (X.520).
_REQUEST = """\
[req]
prompt = no
distinguished_name = subject
x509_extensions = leaf
[subject]
O = kubeflow-installer
CN = %s
[leaf]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
subjectAltName = %s
"""
_NAME = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*$")
_NAMES = re.compile(r"X509v3 Subject Alternative Name:[^\n]*\n([^\n]*)")
_END = re.compile(r"Not After *: *([^\n]+)")


class CertificateError(Exception):
    """A certificate that cannot be made or used; the text holds no key."""


def self_signed(machine: Machine, names: Sequence[str]) -> Pair:
    """Make a key and a certificate for host names and addresses, for 397 days.

    Args:
        machine: Where openssl runs.
        names: What clients write after https://, the first of them for people; IPv6 without
            brackets.

    Returns:
        Both as PEM. The key is in no argument, and its file is gone.

    Raises:
        CertificateError: When a name is none, or openssl fails.
    """
    wrong = [name for name in names if not _is_address(name) and not _NAME.match(name)]
    if wrong or not names:
        raise CertificateError("a certificate cannot be for %s" % (some(wrong) or "no name"))
    entries = ("IP:" + name if _is_address(name) else "DNS:" + name for name in names)
    common = names[0] if len(names[0]) <= 64 else "kubeflow"
    with _files({"request": _REQUEST % (common, ",".join(entries))}) as folder:
        _openssl(
            machine, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256",
            "-days", str(DAYS), "-config", folder + "/request",
            "-keyout", folder + "/key", "-out", folder + "/certificate",
        )  # fmt: skip
        return Pair(_text(folder + "/certificate"), _text(folder + "/key"))


def read(machine: Machine, certificate: str) -> Facts:
    """Return for which names a certificate is, and when it ends (seconds since 1970).

    Args:
        machine: Where openssl runs.
        certificate: PEM; of a chain the first counts.

    Raises:
        CertificateError: When it is none.
    """
    with _files({"certificate": certificate}) as folder:
        text = _openssl(machine, "x509", "-noout", "-text", "-in", folder + "/certificate")
    end, names = _END.search(text), _NAMES.search(text)
    if end is None:
        raise CertificateError("openssl names no end of the certificate")
    words = [word.strip().partition(":") for word in (names.group(1) if names else "").split(",")]
    known = [value for kind, _, value in words if kind in ("DNS", "IP Address")]
    return Facts(tuple(known), ssl.cert_time_to_seconds(end.group(1).strip()))


def is_pair(machine: Machine, pair: Pair) -> bool:
    """Tell whether a certificate is that of a key.

    Raises:
        CertificateError: When one of them cannot be read; a key under a password cannot.
    """
    with _files({"certificate": pair.certificate, "key": pair.key}) as folder:
        shown = _openssl(machine, "x509", "-noout", "-pubkey", "-in", folder + "/certificate")
        try:
            # An empty password, so that openssl does not ask for one on a terminal.
            kept = _openssl(machine, "pkey", "-pubout", "-passin", "pass:", "-in", folder + "/key")
        except CertificateError:
            raise CertificateError("its key is no PEM, or under a password") from None
    return shown.split() == kept.split()


def missing_names(facts: Facts, names: Sequence[str]) -> List[str]:
    """Return which of these names a certificate is not for; `*` stands for one label."""
    known = {_normal(name) for name in facts.names}
    return [name for name in names if not {_normal(name), _wild(name)} & known]


def days_left(facts: Facts, now: float = 0.0) -> float:
    """Return how many days a certificate still holds; `now` is in seconds since 1970."""
    return (facts.end - (now or time.time())) / _DAY


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _normal(name: str) -> str:
    return str(ipaddress.ip_address(name)) if _is_address(name) else name.lower()


def _wild(name: str) -> str:
    return _normal(name) if _is_address(name) else "*." + name.lower().partition(".")[2]


@contextlib.contextmanager
def _files(texts: Dict[str, str]) -> Iterator[str]:
    """Write files that only we can read, and remove their folder with all that is in it then."""
    with tempfile.TemporaryDirectory(prefix="kf-tls-") as folder:
        for name, text in texts.items():
            path = os.path.join(folder, name)
            with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
                file.write(text)
        yield folder


def _text(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()


def _openssl(machine: Machine, *args: str) -> str:
    try:
        return machine.check(["openssl", *args], timeout=60.0)
    except CommandError as error:
        if error.result.code == _MISSING:
            raise CertificateError("openssl is not there; install the package openssl") from None
        raise CertificateError("no certificate: %s" % error) from None
