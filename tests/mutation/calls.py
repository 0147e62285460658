"""A plugin of pytest that records which tests call which functions.

Environment variables:
    MUTATION_RECORD: The JSON file to write.
    MUTATION_SOURCES: The directories whose functions count, separated by colons.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

import pytest


class CallRecorder:
    """Records the functions of the sources that run during each test."""

    def __init__(self, sources: list[str], output: Path) -> None:
        self._sources = tuple(f"{source}/" for source in sources)
        self._output = output
        self._running: set[CodeType] = set()
        self._tests: dict[str, set[str]] = defaultdict(set)
        self._seconds: dict[str, float] = defaultdict(float)
        self._failed: set[str] = set()
        self._file = ""

    def _trace(self, frame: FrameType, _event: str, _argument: object) -> None:
        self._running.add(frame.f_code)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Trace one test, its setup and its teardown."""
        self._begin_file(str(item.path))
        self._start()
        try:
            return (yield)
        finally:
            self._stop(item.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Iterator[None]:
        """Count what a shared fixture calls for all tests of the file."""
        before, self._running = self._running, set()
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                self._store(request.node.nodeid.partition("::")[0])
            self._running |= before

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep how long a test takes, and whether it fails without a change."""
        self._seconds[report.nodeid] += report.duration
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the record."""
        tests = {function: sorted(names) for function, names in sorted(self._tests.items())}
        seconds = {name: round(time, 4) for name, time in self._seconds.items()}
        record = {"calls": tests, "seconds": seconds, "failed": sorted(self._failed)}
        self._output.write_text(json.dumps(record))

    def _begin_file(self, path: str) -> None:
        """Empty all caches before each file, so that its record does not depend on other files."""
        if path == self._file:
            return
        self._file = path
        for cached in gc.get_objects():
            if isinstance(cached, functools._lru_cache_wrapper):
                cached.cache_clear()

    def _start(self) -> None:
        self._running = set()
        threading.settrace(self._trace)
        sys.settrace(self._trace)

    def _stop(self, name: str) -> None:
        sys.settrace(None)
        threading.settrace(None)
        self._store(name)

    def _store(self, name: str) -> None:
        for code in self._running:
            if code.co_filename.startswith(self._sources):
                self._tests[f"{code.co_filename}:{code.co_firstlineno}"].add(name)


def pytest_configure(config: pytest.Config) -> None:
    """Start the recorder."""
    sources = os.environ["MUTATION_SOURCES"].split(":")
    config.pluginmanager.register(CallRecorder(sources, Path(os.environ["MUTATION_RECORD"])))
