"""A proxy in front of an API server that kills a charm before or after one of its writes."""

from __future__ import annotations

import os
import signal
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Protocol

from helpers.kube.fault_proxy import FaultProxy


class Server(Protocol):
    """What the proxy needs of a server: its URL and its authority."""

    url: str
    ca: str


class KillingProxy(FaultProxy):
    """The proxy, as a context manager.

    Args:
        server: The API server.
    """

    def __init__(self, server: Server) -> None:
        super().__init__(server, lambda _: 0)  # type: ignore[arg-type]
        self._directory, self._number, self._is_done = "", 0, False

    def kill_at(self, directory: str, number: int, is_done: bool) -> None:
        """Kill the charm at its Nth write from now on.

        Args:
            directory: The directory of the charm, in which its processes run.
            number: The number of the write; 0 for never.
            is_done: Whether the server still gets that write.
        """
        self._directory, self._is_done = directory, is_done
        self.writes, self._number = 0, number

    def _forward(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes]:
        is_chosen = request.command != "GET" and self.writes == self._number
        if is_chosen and not self._is_done:
            self._kill()
            return 503, b"{}"
        answer = super()._forward(request, body)
        if is_chosen:
            self._kill()
        return answer

    def _kill(self) -> None:
        self._number = 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").samefile(self._directory):
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:
                continue  # it ended meanwhile
