"""The gateway's certificate: the openssl program makes and reads it.

A self-signed certificate is a leaf and not an authority: a client that trusts it trusts only its
names, even if its key is stolen. Without keyUsage it is valid for all uses (RFC 5280 4.2.1.3):
old and new clients accept it, and so does the strict verification of Python 3.13.
"""

import contextlib
import ipaddress
import os
import re
import ssl
import time
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from labcharm.errors import BlockedError
from labcharm.machine import CommandError, Machine
from labcharm.text import summarize
from labkube.client import key_directories

# Browsers accept at most 398 days (CA/Browser Forum, Baseline Requirements 6.3.2), including the
# last second.
DAYS = 397
# A certificate is renewed when it is valid for no more than this many days.
RENEWAL_DAYS = 30
_SECONDS_PER_DAY = 24 * 3600
_NOT_FOUND = 127
# RSA, because every client and proxy, old or new, supports it. A common name holds 64 characters
# (X.520).
_LONGEST_COMMON_NAME = 64
_NAME = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*$")
_NAMES = re.compile(r"X509v3 Subject Alternative Name:[^\n]*\n([^\n]*)")
_END = re.compile(r"Not After *: *([^\n]+)")


class Pair(NamedTuple):
    """A certificate and its key, both as PEM."""

    certificate: str
    key: str


class Facts(NamedTuple):
    """The facts of a certificate: its names, and its expiry in seconds since 1970."""

    names: Tuple[str, ...]
    end: int


class CertificateError(BlockedError):
    """A certificate that cannot be made or used; the message contains no key."""


def self_signed(machine: Machine, names: Sequence[str]) -> Pair:
    """Make a key and a certificate for host names and addresses, valid for 397 days.

    The key is in no argument, and its file is deleted afterwards.

    Args:
        machine: Where openssl runs.
        names: What clients write after https://; IPv6 without brackets. The first one becomes the
            common name.

    Raises:
        CertificateError: When a name is invalid, or openssl fails.
    """
    invalid = [name for name in names if not _is_address(name) and not _NAME.match(name)]
    if invalid or not names:
        raise CertificateError(f"cannot make a certificate for {summarize(invalid) or 'no name'}")
    with _private_files({"request": _request(names)}) as directory:
        _openssl(
            machine, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256",
            "-days", str(DAYS), "-config", f"{directory}/request",
            "-keyout", f"{directory}/key", "-out", f"{directory}/certificate",
        )  # fmt: skip
        return Pair(_read(f"{directory}/certificate"), _read(f"{directory}/key"))


def _request(names: Sequence[str]) -> str:
    """Return openssl's configuration for a certificate."""
    common_name = names[0] if len(names[0]) <= _LONGEST_COMMON_NAME else "kubeflow"
    entries = ",".join(f"{'IP' if _is_address(name) else 'DNS'}:{name}" for name in names)
    return f"""\
[req]
prompt = no
distinguished_name = subject
x509_extensions = leaf
[subject]
O = kubeflow-installer
CN = {common_name}
[leaf]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
subjectAltName = {entries}
"""


def read(machine: Machine, certificate: str) -> Facts:
    """Return the names and the expiry time of a certificate.

    Args:
        machine: Where openssl runs.
        certificate: PEM; the first certificate of a chain counts.

    Raises:
        CertificateError: When it is not a certificate.
    """
    with _private_files({"certificate": certificate}) as directory:
        text = _openssl(machine, "x509", "-noout", "-text", "-in", f"{directory}/certificate")
    end, names = _END.search(text), _NAMES.search(text)
    if end is None:
        raise CertificateError("openssl does not show when the certificate expires")
    entries = (names.group(1) if names else "").split(",")
    pairs = [entry.strip().partition(":") for entry in entries]
    readable = tuple(name for kind, _, name in pairs if kind in ("DNS", "IP Address"))
    return Facts(readable, _seconds(end.group(1).strip()))


def _seconds(time_text: str) -> int:
    try:
        return ssl.cert_time_to_seconds(time_text)
    except (ValueError, OverflowError):  # no date that the calendar has
        raise CertificateError(f"the certificate expires at no date: {time_text}") from None


def is_pair(machine: Machine, pair: Pair) -> bool:
    """Return whether a certificate belongs to a key.

    Raises:
        CertificateError: When one of them cannot be read, for example a key with a password.
    """
    with _private_files({"certificate": pair.certificate, "key": pair.key}) as directory:
        certificate, key = f"{directory}/certificate", f"{directory}/key"
        certified = _openssl(machine, "x509", "-noout", "-pubkey", "-in", certificate)
        try:
            # An empty password, so that openssl does not ask for one on a terminal.
            public = _openssl(machine, "pkey", "-pubout", "-passin", "pass:", "-in", key)
        except CertificateError:
            raise CertificateError("its key is not PEM, or has a password") from None
    return certified.split() == public.split()


def missing_names(facts: Facts, names: Sequence[str]) -> List[str]:
    """Return the names that a certificate does not cover; `*` stands for one label."""
    covered = {_normalize(name) for name in facts.names}
    return [name for name in names if not {_normalize(name), _wildcard(name)} & covered]


def days_left(facts: Facts, now: float = 0.0) -> float:
    """Return the number of days until a certificate expires; `now` is in seconds since 1970."""
    return (facts.end - (now or time.time())) / _SECONDS_PER_DAY


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _normalize(name: str) -> str:
    return str(ipaddress.ip_address(name)) if _is_address(name) else name.lower()


def _wildcard(name: str) -> str:
    return _normalize(name) if _is_address(name) else f"*.{name.lower().partition('.')[2]}"


@contextlib.contextmanager
def _private_files(texts: Dict[str, str]) -> Iterator[str]:
    """Write files that only this user can read; delete their directory afterwards.

    If the process is killed, the next hook deletes it.
    """
    with key_directories.create() as directory:
        for name, text in texts.items():
            path = os.path.join(directory, name)
            with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
                file.write(text)
        yield directory


def _read(path: str) -> str:
    with open(path, encoding="ascii") as file:
        return file.read()


def _openssl(machine: Machine, *args: str) -> str:
    try:
        return machine.check(["openssl", *args], timeout=60.0)
    except CommandError as error:
        if error.result.code == _NOT_FOUND:
            raise CertificateError(
                "openssl is not installed; install the package openssl"
            ) from None
        raise CertificateError(f"cannot make or read the certificate: {error}") from None
