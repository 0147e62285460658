"""The first user's credentials: made once, known by their bcrypt hash to everything but people.

The hash is made by passlib: by the machine's own crypt where that has
bcrypt, and else in pure Python, which takes some 15 seconds.
"""

import os
import secrets
import string
import warnings
from typing import Any

# Letters and digits alone: nothing to escape in a form or a URL. 24 of them hold 142 bits.
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 24
# Dex refuses hashes below 10 (server/config.go, checkCost); a random password gains nothing by
# more.
_ROUNDS = 10


class Credentials:
    """A user and a password. Its text names the user alone.

    Args:
        user: An e-mail address.
        password: The password.
        password_hash: Its bcrypt hash.
    """

    def __init__(self, user: str, password: str, password_hash: str) -> None:
        self.user, self.password, self.password_hash = user, password, password_hash

    def __repr__(self) -> str:
        return "Credentials(%r)" % self.user


def bcrypt_hash(password: str) -> str:
    """Return a password's bcrypt hash, as dex reads it ($2a$)."""
    os.environ.setdefault("PASSLIB_BUILTIN_BCRYPT", "enabled")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # passlib names `crypt`, which is going
        from passlib.hash import bcrypt  # pyright: ignore

        hasher: Any = bcrypt.using(rounds=_ROUNDS, ident="2a")
        return str(hasher.hash(password))


def ensure(keep: Any, user: str) -> Credentials:
    """Return the credentials that are kept, made where there are none.

    Args:
        keep: Reads and writes them (`labcharm.compat.SecretData`).
        user: The user of the option; the password stays when it changes.

    Raises:
        KeepError: When they cannot be read or kept now.
    """
    kept = keep.read()
    if kept.get("password") and kept.get("hash"):
        return Credentials(user, kept["password"], kept["hash"])
    return renew(keep, user)


def renew(keep: Any, user: str) -> Credentials:
    """Make a new password and keep it in place of the one before.

    Raises:
        KeepError: When it cannot be kept now.
    """
    password = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    made = Credentials(user, password, bcrypt_hash(password))
    keep.write({"password": made.password, "hash": made.password_hash})
    return made
