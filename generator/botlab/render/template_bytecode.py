"""The compiled templates of this project, kept as Python keeps its compiled modules.

Jinja compiles a template in 30 ms, a tenth of the time of a short command. The bytecode of a
template is therefore kept in ``__pycache__`` beside it. Python's rules for this directory apply:
it is written only where the user may write, and not with ``PYTHONDONTWRITEBYTECODE``; the variable
``PYTHONPYCACHEPREFIX`` moves it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket


class TemplateBytecode(jinja2.BytecodeCache):
    """Bytecode of this project's templates. Who can write it can write botlab's modules, too."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return the file of a template's bytecode; empty when it cannot have one."""
        try:
            return importlib.util.cache_from_source(filename or "")
        except NotImplementedError:  # A Python that keeps no bytecode.
            return ""

    def get_source_checksum(self, source: str) -> str:
        """Return a checksum of a template and of the release of Jinja that compiles it."""
        text = f"{jinja2.__version__}\n{source}"
        return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read the bytecode of a template, unless it is of another text or another release."""
        try:
            with Path(bucket.key).open("rb") as file:
                bucket.load_bytecode(file)
        # A file that is missing or damaged is the same: the template is compiled again. Damaged
        # bytes can make pickle raise any error.
        except Exception:
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the bytecode of a template if Python may write that of a module there."""
        if sys.dont_write_bytecode or not bucket.key:
            return
        path = Path(bucket.key)
        part = path.with_name(f"{path.name}.{os.getpid()}")
        # A command does not need the file, so any failure to write it is no error.
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(bucket.bytecode_to_string())
            part.replace(path)
