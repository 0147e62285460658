"""Write a kubeconfig into a file: completely or not at all, and readable for its owner only."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import BotlabError
from ...file_output import Output, encode, old_content, output_of, replace
from ...text_files import LARGEST_FILE
from ...yaml_nodes import decode_text
from ..errors import LiveError
from .entries import Owner
from .merge import merge_kubeconfig
from .model import Kubeconfig

_PRIVATE = 0o600
_FOREIGN_BITS = 0o077


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a kubeconfig is written to.

    Attributes:
        file: The file.
        context: The name of the context, the cluster and the user.
        is_shared: Whether the file also has the user's own entries. Then it keeps its mode.
    """

    file: Path
    context: str
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What happened to a file.

    Attributes:
        is_changed: Whether it has new content or a new mode.
        is_readable: Whether other users of the machine can read it.
    """

    is_changed: bool
    is_readable: bool


def user_kubeconfig(environment: Mapping[str, str], home: Path) -> Path:
    """Return the kubeconfig of the user: the first of KUBECONFIG, or ~/.kube/config.

    Args:
        environment: The environment variables.
        home: The home directory.
    """
    paths = environment.get("KUBECONFIG", "").split(os.pathsep)
    return next((Path(path) for path in paths if path), home / ".kube" / "config")


def write_kubeconfig(destination: Destination, kubeconfig: Kubeconfig, owner: Owner) -> Written:
    """Write the access to a lab into a file. A second run changes nothing.

    Args:
        destination: The file and the name of the context. A new file gets the mode 0600, and a
            new directory 0700.
        kubeconfig: The access.
        owner: The lab, whose entries are updated when they differ.

    Raises:
        BotlabError: When the file has another entry of the name, is not a kubeconfig, or cannot be
            written. Then it is unchanged.
    """
    is_narrowed = not destination.is_shared and _narrow(output_of(destination.file))
    is_changed = _content(destination, kubeconfig, owner)[1] is not None
    if is_changed:
        _ensure_directory(destination.file.parent)
        with _locked(destination.file):
            output, content = _content(destination, kubeconfig, owner)
            if content is not None:
                replace(output, content, mode=_PRIVATE)
    status = destination.file.stat()
    return Written(is_changed or is_narrowed, bool(status.st_mode & _FOREIGN_BITS))


def _content(
    destination: Destination, kubeconfig: Kubeconfig, owner: Owner
) -> tuple[Output, bytes | None]:
    """Return the file, and its new content; None if it has this content already."""
    output, name = output_of(destination.file), str(destination.file)
    if output.status is not None and output.status.st_size > LARGEST_FILE:
        raise LiveError(f"{name}: is larger than 64 MiB, so it is not changed")
    text = decode_text(old_content(output) or b"", name)
    merged = merge_kubeconfig(text, name, kubeconfig, destination.context, owner)
    return output, None if merged == text else encode(destination.file, merged)


def _narrow(output: Output) -> bool:
    """Take the access to a file from all but its owner; return whether they had any."""
    if output.status is None or not output.status.st_mode & _FOREIGN_BITS:
        return False
    try:
        output.target.chmod(stat.S_IMODE(output.status.st_mode) & ~_FOREIGN_BITS)
    except OSError as error:
        raise BotlabError(f"{output.name}: its mode cannot be changed: {error.strerror}") from None
    return True


def _ensure_directory(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise BotlabError(f"{directory}: cannot be created: {error.strerror}") from None


@contextlib.contextmanager
def _locked(file: Path) -> Generator[None]:
    """Hold the lock that kubectl takes before it changes a kubeconfig.

    Raises:
        BotlabError: When another program holds it.
    """
    lock = file.with_name(f"{file.name}.lock")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise LiveError(
            f"{file}: is being changed by another program, such as kubectl; if none runs, delete"
            f" {lock}"
        ) from None
    except OSError as error:
        raise BotlabError(f"{file}: cannot be written: {error.strerror}") from None
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
