"""The parts of python-libjuju that botlab uses, and the check that a fitting release is installed.

python-libjuju has no types of its own, and is not installed where botlab is developed or checked.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from ..errors import ClientMissingError

# python-libjuju 3.6.1.3 requires kubernetes>=12,<31 (its pyproject.toml).
_FIRST_UNFIT_KUBERNETES = 31
_INSTALL = (
    "install botlab in an environment of its own with `pip install 'botlab[libjuju36]'` for Juju"
    " 3, or `pip install 'botlab[libjuju29]'` for Juju 2.9"
)


class Connection(Protocol):
    """``juju.client.connection.Connection``."""

    info: Mapping[str, Any]
    facades: Mapping[str, int]

    async def rpc(self, msg: dict[str, Any]) -> Mapping[str, Any]:
        """Call a method of a facade."""
        ...


class LibraryModel(Protocol):
    """``juju.model.Model``."""

    uuid: str

    async def connect(self, *args: Any, **options: Any) -> None:
        """Connect, and wait for the first answer of the AllWatcher facade."""
        ...

    async def disconnect(self) -> None:
        """Close the connection."""
        ...

    def connection(self) -> Connection:
        """Return the connection."""
        ...

    async def deploy(self, entity_url: str, **options: Any) -> Any:
        """Deploy a bundle or a charm."""
        ...


def library_version() -> str:
    """Return the version of the installed python-libjuju.

    Raises:
        ClientMissingError: When it is not installed, has an unknown version, or cannot work with
            the installed package ``kubernetes``.
    """
    version = _version("juju")
    if not version:
        raise ClientMissingError(f"python-libjuju is not installed; {_INSTALL}")
    if not version.startswith(("2.9.", "3.")):
        raise ClientMissingError(f"python-libjuju {version} is not supported; {_INSTALL}")
    kubernetes = _version("kubernetes")
    if version.startswith("3.") and _major(kubernetes) >= _FIRST_UNFIT_KUBERNETES:
        raise ClientMissingError(
            f"python-libjuju {version} needs the package kubernetes below"
            f" {_FIRST_UNFIT_KUBERNETES}, and {kubernetes} is installed; {_INSTALL}"
        )
    return version


def new_model() -> LibraryModel:
    """Return a model that is not connected. It must be created in the thread of the event loop."""
    return cast(LibraryModel, importlib.import_module("juju.model").Model())


def error_classes(*names: str) -> Sequence[type[Exception]]:
    """Return some classes of ``juju.errors``."""
    errors = importlib.import_module("juju.errors")
    return [cast("type[Exception]", getattr(errors, name)) for name in names]


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _major(version: str) -> int:
    start = version.partition(".")[0]
    return int(start) if start.isascii() and start.isdigit() else 0
