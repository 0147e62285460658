"""The git tree of a directory, by which archives of sources are identified.

Git's own format (git-hash-object, git-mktree): the digest depends on names, content and which
files are executable, and on nothing of the archive that they came in.
"""

import hashlib
import os
from typing import List, Tuple


def tree_digest(directory: str) -> str:
    """Return the git tree of a directory's content, in hexadecimal."""
    return _tree(directory).hex()


def _tree(directory: str) -> bytes:
    entries: List[Tuple[bytes, bytes, bytes]] = []
    for filename in os.listdir(directory):
        path = os.path.join(directory, filename)
        name = filename.encode("utf-8", "surrogateescape")
        if os.path.isdir(path):
            # Git sorts a directory as if its name ended with a slash, and keeps no empty ones.
            if any(files for _, _, files in os.walk(path)):
                entries.append((name + b"/", b"40000 " + name, _tree(path)))
        else:
            mode = b"100755 " if os.access(path, os.X_OK) else b"100644 "
            entries.append((name, mode + name, _blob(path)))
    return _object(b"tree", b"".join(head + b"\0" + sha for _, head, sha in sorted(entries)))


def _blob(path: str) -> bytes:
    with open(path, "rb") as file:
        return _object(b"blob", file.read())


def _object(kind: bytes, body: bytes) -> bytes:
    head = kind + b" " + str(len(body)).encode("ascii") + b"\0"
    return hashlib.sha1(head + body).digest()  # noqa: S324 - git's own
