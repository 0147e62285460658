"""Public keys for apt."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers.file_server import Server
from helpers.public_key import ARMOURED, BODY, PACKET
from labcharm.download import DownloadError
from labcharm.proxies import DIRECT
from nvidia_runtime.host.keys import ToolkitKeyError, dearmour, fingerprint, keyring


def test_fingerprint_is_that_of_rfc_4880() -> None:
    """It is the SHA-1 of 0x99, the length and the packet's body (section 12.2)."""
    digest = hashlib.sha1(  # noqa: S324 - RFC 4880 names it
        b"\x99" + len(BODY).to_bytes(2, "big") + BODY
    )

    assert fingerprint(dearmour(ARMOURED.encode())) == digest.hexdigest().upper()


def test_downloaded_key_must_have_the_named_digest_or_fingerprint() -> None:
    """Any other key is refused, and so is one that cannot be downloaded."""
    digest = hashlib.sha256(ARMOURED.encode()).hexdigest()
    with Server() as server:
        server.files["key"] = ARMOURED.encode()
        url = f"{server.url}/key"

        assert keyring(f"{url}#sha256={digest}", DIRECT) == PACKET
        assert keyring(f"{url}#fingerprint={fingerprint(PACKET)}", DIRECT) == PACKET
        with pytest.raises(ToolkitKeyError, match="another SHA-256"):
            keyring(f"{url}#sha256={'0' * 64}", DIRECT)
        with pytest.raises(ToolkitKeyError, match="has fingerprint"):
            keyring(f"{url}#fingerprint={'0' * 40}", DIRECT)
        with pytest.raises(DownloadError, match="cannot be fetched"):
            keyring(f"{url}.none#sha256={digest}", DIRECT)


@pytest.mark.parametrize("text", [b"", b"hello", ARMOURED.replace("mQ", "!!").encode()])
def test_text_that_is_not_a_key_is_refused(text: bytes) -> None:
    """So that apt never reads it."""
    with pytest.raises(ToolkitKeyError):
        dearmour(text)


@dataclass(frozen=True)
class SignedKey:
    """A real key: its packets, its fingerprint, and a signature that it made of DATA."""

    packets: bytes
    fingerprint: str
    signature: bytes


DATA = b"a package"
GPG = ["gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", ""]


def make_key(home: Path, name: str) -> SignedKey:
    """Make a key with gpg."""

    def gpg(*words: str) -> bytes:
        command = [*GPG, "--homedir", str(home), *words]
        return subprocess.run(command, input=DATA, capture_output=True, check=True).stdout

    gpg("--quick-generate-key", name, "ed25519", "sign", "never")
    listed = gpg("--with-colons", "--list-keys", f"={name}").decode()
    digest = re.findall("^fpr:+([0-9A-F]+):", listed, re.MULTILINE)[0]
    return SignedKey(gpg("--export", digest), digest, gpg("--detach-sign", "-u", digest))


@pytest.fixture(scope="module")
def two_keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[SignedKey, SignedKey]:
    """Return two keys; skip without gpg and gpgv."""
    if not (shutil.which("gpg") and shutil.which("gpgv")):
        pytest.skip("gpg and gpgv are not installed")
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    keys = make_key(home, "first"), make_key(home, "second")
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
    return keys


def accepts(keys: bytes, signature: bytes, directory: Path) -> bool:
    """Return whether gpgv, which apt calls, accepts a signature with a keyring."""
    for name, content in (("keyring", keys), ("signature", signature), ("data", DATA)):
        (directory / name).write_bytes(content)
    files = [str(directory / name) for name in ("keyring", "signature", "data")]
    return subprocess.run(["gpgv", "--keyring", *files], check=False).returncode == 0


@pytest.mark.parametrize("pinned", [0, 1])
def test_only_the_key_with_the_fingerprint_is_kept(
    two_keys: tuple[SignedKey, SignedKey], tmp_path: Path, pinned: int
) -> None:
    """Wherever in the file it is. What another key of the file signed is refused."""
    key, other = two_keys[pinned], two_keys[1 - pinned]
    with Server() as server:
        server.files["key"] = b"".join(each.packets for each in two_keys)
        kept = keyring(f"{server.url}/key#fingerprint={key.fingerprint}", DIRECT)

    assert kept == key.packets
    assert accepts(kept, key.signature, tmp_path)
    assert not accepts(kept, other.signature, tmp_path)


def test_foreign_key_as_a_subkey_signs_nothing(
    two_keys: tuple[SignedKey, SignedKey], tmp_path: Path
) -> None:
    """It has no binding signature of the pinned key."""
    key, other = two_keys
    primary = other.packets[: 2 + other.packets[1]]
    subkey = bytes([0x80 | 14 << 2]) + primary[1:]  # the same packet with the tag of a subkey
    with Server() as server:
        server.files["key"] = key.packets + subkey
        kept = keyring(f"{server.url}/key#fingerprint={key.fingerprint}", DIRECT)

    assert accepts(kept, key.signature, tmp_path)
    assert not accepts(kept, other.signature, tmp_path)


def test_armoured_file_of_two_keys_is_one_keyring(two_keys: tuple[SignedKey, SignedKey]) -> None:
    """A digest names the whole file."""
    text = "".join(
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"
        f"{base64.b64encode(key.packets).decode()}\n"
        "-----END PGP PUBLIC KEY BLOCK-----\n"
        for key in two_keys
    )

    assert dearmour(text.encode()) == two_keys[0].packets + two_keys[1].packets


@pytest.mark.parametrize("seed", range(20))
def test_damaged_key_never_raises_another_error(seed: int) -> None:
    """Every length, with changed bytes; what remains readable consists of keys."""
    chance = random.Random(seed)  # noqa: S311 - it makes test data
    key = PACKET + bytes([0x80 | 13 << 2, 1, 65, 0xC0 | 2, 193, 0]) + bytes(193 + 63)
    for end in range(len(key)):
        damaged = bytearray(key[:end])
        for _ in range(min(end, chance.randrange(4))):
            damaged[chance.randrange(end)] = chance.randrange(256)
        with suppress(ToolkitKeyError):
            assert len(fingerprint(dearmour(bytes(damaged)))) == 40
