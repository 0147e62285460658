"""Calls of a controller's facades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...json_values import mapping_of
from ..errors import UnsupportedError
from .event_loop import EventLoopThread
from .failures import live_error
from .library import LibraryModel

CALL_SECONDS = 60.0


class ModelApi:
    """The facades of a model.

    Args:
        model: A connected model.
        loop: The event loop that it was connected in.
    """

    def __init__(self, model: LibraryModel, loop: EventLoopThread) -> None:
        self.model = model
        self.loop = loop

    @property
    def server_version(self) -> str:
        """The version of the controller."""
        return str(self.model.connection().info.get("server-version", ""))

    def version(self, facade: str) -> int:
        """Return the version of a facade that both ends have.

        Raises:
            UnsupportedError: When there is none.
        """
        version = self.model.connection().facades.get(facade)
        if version is None:
            raise UnsupportedError(
                f"the controller and python-libjuju have no version of {facade} in common; use"
                " --backend client"
            )
        return version

    def call(
        self,
        facade: str,
        method: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        seconds: float = CALL_SECONDS,
    ) -> Mapping[str, Any]:
        """Call a method of a facade and return its answer.

        Args:
            facade: The facade.
            method: The method.
            parameters: Its parameters, with the names of Juju's API.
            seconds: The time limit.

        Raises:
            LiveError: When the call fails.
        """
        name = f"{facade}.{method}"
        message = {
            "type": facade,
            "request": method,
            "version": self.version(facade),
            "params": dict(parameters or {}),
        }
        try:
            answer = self.loop.run(self.model.connection().rpc(message), name, seconds)  # type: ignore[arg-type]
        except Exception as error:
            raise live_error(name, error) from error
        return mapping_of(mapping_of(answer).get("response"))

    def deploy(self, bundle: str, options: Mapping[str, Any], *, seconds: float) -> None:
        """Deploy a bundle.

        Args:
            bundle: The absolute path of the file.
            options: The options of python-libjuju's ``Model.deploy``.
            seconds: The time limit.

        Raises:
            LiveError: When the deployment fails.
        """
        try:
            self.loop.run(self.model.deploy(bundle, **options), "deploy", seconds)  # type: ignore[arg-type]
        except Exception as error:
            raise live_error("deploy", error) from error

    def close(self) -> None:
        """Disconnect, and end the event loop."""
        try:
            self.loop.run(self.model.disconnect(), "disconnect", CALL_SECONDS / 10)  # type: ignore[arg-type]
        except Exception:  # noqa: S110 - the connection may have failed long before
            pass
        finally:
            self.loop.close()


def entities(*tags: str) -> dict[str, Sequence[Mapping[str, str]]]:
    """Return the parameter ``entities`` of a call.

    Args:
        tags: Tags such as ``application-etcd``.
    """
    return {"entities": [{"tag": tag} for tag in tags]}
