"""A headless Chromium, driven through its debugging pipe (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import functools
import json
import os
import select
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from botlab.cli.png import find_browser
from botlab.errors import BotlabError

JsonObject = dict[str, Any]
# The descriptors on which Chromium reads requests and writes answers.
_PIPES = 'exec "$@" 3<&"$IN" 4>&"$OUT"'

# A page of a test can read the files that it shows in frames.
_SWITCHES = (
    "no-first-run", "disable-gpu", "hide-scrollbars", "disable-background-networking",
    "allow-file-access-from-files", "headless", "remote-debugging-pipe",
)  # fmt: skip
# The keys of a keyboard with the text that they type and their codes.
_KEYS = {"Tab": ("", 9), "Enter": ("\r", 13), "Escape": ("", 27), " ": (" ", 32), "/": ("/", 191)}
# The time for one answer, on a computer with other work.
_SECONDS = 60


@functools.cache
def installed_browser() -> str:
    """Return the path of the browser that botlab draws with; skip the test if there is none."""
    try:
        return find_browser()
    except BotlabError as error:
        pytest.skip(str(error))


@contextmanager
def started_browser(program: str) -> Iterator[Browser]:
    """Run Chromium with one empty page and a profile of its own.

    Args:
        program: The path of the program.
    """
    requests_in, requests_out = os.pipe()
    answers_in, answers_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        environment = {**os.environ, "IN": str(requests_in), "OUT": str(answers_out)}
        process = subprocess.Popen(
            ["bash", "-c", _PIPES, "browser", program, *_options(profile)],
            env=environment,
            pass_fds=(requests_in, answers_out),
            stderr=subprocess.DEVNULL,
        )
        os.close(requests_in)
        os.close(answers_out)
        with os.fdopen(requests_out, "wb", 0) as requests, os.fdopen(answers_in, "rb") as answers:
            try:
                yield Browser(requests, answers)
            finally:
                process.kill()
                process.wait()


def _options(profile: str) -> list[str]:
    # Its sandbox does not start as root, and needs user namespaces otherwise.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    options = [f"--{name}" for name in _SWITCHES]
    return [*sandbox, *options, f"--user-data-dir={profile}", "about:blank"]


class Browser:
    """One page of a running Chromium.

    Attributes:
        requested: The URLs that the page requested since it was opened.
    """

    def __init__(self, requests: IO[bytes], answers: IO[bytes]) -> None:
        self._requests = requests
        self._answers = answers
        self._buffer = bytearray()
        self._number = 0
        self._session = ""
        self.requested: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self._call(f"{domain}.enable")

    def open(self, url: str, theme: str = "light", width: int = 1280, height: int = 900) -> None:
        """Open a page and wait until it is loaded.

        Args:
            url: The URL of the page.
            theme: `light` or `dark`.
            width: The width of the window.
            height: The height of the window.
        """
        self.requested.clear()
        scheme = {"name": "prefers-color-scheme", "value": theme}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        self._call("Page.navigate", url=url)
        self._wait_for("Page.loadEventFired")

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page; promises are awaited."""
        answer = self._call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key, as a user does."""
        text, code = _KEYS[key]
        event = {"key": key, "windowsVirtualKeyCode": code}
        self._call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
        self._call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text: str) -> None:
        """Type a text, as a user does."""
        self._call("Input.insertText", text=text)

    def print_preview(self) -> None:
        """Show the page as on paper."""
        self._call("Emulation.setEmulatedMedia", media="print", features=[])

    def save_screenshot(self, path: Path) -> None:
        """Write a picture of the window as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def _call(self, method: str, **params: object) -> JsonObject:
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": self._number, "method": method, "params": params, **session}
        self._requests.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next_message()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def _wait_for(self, event: str) -> None:
        while self._next_message().get("method") != event:
            pass

    def _next_message(self) -> JsonObject:
        while (end := self._buffer.find(b"\0")) < 0:
            readable, _, _ = select.select([self._answers], [], [], _SECONDS)
            assert readable, f"Chromium does not answer within {_SECONDS} s"
            block = os.read(self._answers.fileno(), 1 << 16)
            assert block, "Chromium has ended"
            self._buffer += block
        message = json.loads(self._buffer[:end])
        del self._buffer[: end + 1]
        if message.get("method") == "Network.requestWillBeSent":
            self.requested.append(message["params"]["request"]["url"])
        return message
