"""The controller that the integration tests use, or the reason why there is none."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

# The client waits for minutes for a controller that does not answer.
PROBE_SECONDS = 20.0


class NoControllerError(Exception):
    """There is no controller to test with; the message is the reason."""


def controller_version(controller: str | None = None, timeout: float = PROBE_SECONDS) -> str:
    """Return the version of a controller, such as ``3.6.11``.

    Args:
        controller: The name of the controller; the current one when it is None.
        timeout: How many seconds the controller has for each answer.

    Raises:
        NoControllerError: When there is no client, no controller, or no answer.
    """
    if not shutil.which("juju"):
        raise NoControllerError("needs a Juju controller: there is no juju client on PATH")
    # `show-controller` may print what the client remembers; `models` needs an answer.
    selected = ["--controller", controller] if controller else []
    _ask(["models", *selected, "--format", "json"], timeout)
    shown = _ask(["show-controller", *selected[1:], "--format", "json"], timeout)
    details: dict[str, Any] = next(iter(shown.values()))["details"]
    return str(details["agent-version"])


def _ask(arguments: list[str], timeout: float) -> dict[str, Any]:
    try:
        done = subprocess.run(
            ["juju", *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        message = f"needs a Juju controller: no answer to juju {arguments[0]} in {timeout:g} s"
        raise NoControllerError(message) from None
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = errors[-1] if errors else f"juju {arguments[0]} exits {done.returncode}"
        raise NoControllerError(f"needs a Juju controller: {reason}")
    return dict(json.loads(done.stdout))


def generation(version: str) -> str:
    """Return the generation of a version: ``3.6.11`` is of the generation ``3.6``."""
    return ".".join(version.split(".")[:2])
