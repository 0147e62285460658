"""The first user's credentials, generated once. Programs get only the bcrypt hash.

passlib makes the hash: with the machine's own crypt where that supports bcrypt, otherwise in pure
Python, which takes about 15 seconds.
"""

import logging
import os
import secrets
import string
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # labcharm.compat imports ops, which workload code does without
    from labcharm.compat import SecretData

# Letters and digits alone: nothing to escape in a form or a URL. 24 of them hold 142 bits.
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 24
# Dex refuses hashes with a cost below 10 (server/config.go, checkCost); a random password gains
# nothing from a higher one.
_ROUNDS = 10


class Credentials:
    """A user and a password. The representation of an instance shows only the user.

    Args:
        user: An e-mail address.
        password: The password.
        password_hash: Its bcrypt hash.
        key: A random key that is never on the cluster. The secrets that the login's programs share
            are derived from it.
    """

    def __init__(self, user: str, password: str, password_hash: str, key: str) -> None:
        self.user, self.password, self.password_hash = user, password, password_hash
        self.key = key

    def __repr__(self) -> str:
        return f"Credentials({self.user!r})"


def bcrypt_hash(password: str) -> str:
    """Return a password's bcrypt hash in the form that dex reads ($2a$)."""
    os.environ.setdefault("PASSLIB_BUILTIN_BCRYPT", "enabled")
    # passlib logs the failures of its tests of crypt(), with tracebacks, although it handles them.
    logging.getLogger("passlib").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # passlib imports `crypt`, which is deprecated
        # Imported here because passlib is part of the archives, not of the test environment.
        from passlib.hash import bcrypt  # pyright: ignore

        hasher: Any = bcrypt.using(rounds=_ROUNDS, ident="2a")
        return str(hasher.hash(password))


def ensure(secret: "SecretData", user: str) -> Credentials:
    """Return the stored credentials; generate and store them when there are none.

    Args:
        secret: Where the password and its hash are stored.
        user: The option `user`; the password stays the same when the option changes.

    Raises:
        WaitingError: When the secret cannot be read or written now.
    """
    stored = secret.read()
    if not stored.get("password") or not stored.get("hash"):
        return renew(secret, user)
    if not stored.get("key"):  # revisions of the charm up to 0.1 derived the secrets from the hash
        stored = dict(stored, key=_random_text())
        secret.write(stored)
    return Credentials(user, stored["password"], stored["hash"], stored["key"])


def renew(secret: "SecretData", user: str) -> Credentials:
    """Generate a new password and a new key, and store them in place of the previous ones.

    Raises:
        WaitingError: When the secret cannot be written now.
    """
    password = _random_text()
    credentials = Credentials(user, password, bcrypt_hash(password), _random_text())
    secret.write({
        "password": credentials.password, "hash": credentials.password_hash,
        "key": credentials.key,
    })  # fmt: skip
    return credentials


def _random_text() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
