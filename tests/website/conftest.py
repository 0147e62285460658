"""The site of this checkout, built once, and a browser to look at it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.chromium import Browser, installed_browser, started_browser
from helpers.small_site import ROOT, run_build

WITHOUT_NETWORK = ("unshare", "--map-root-user", "--net")


def without_network() -> tuple[str, ...]:
    """Return the command that runs a program without network; empty where that is not allowed."""
    try:
        allowed = subprocess.run([*WITHOUT_NETWORK, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        allowed = False
    return WITHOUT_NETWORK if allowed else ()


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the output of the build of this checkout, made without network where possible."""
    directory = tmp_path_factory.mktemp("docs")
    done = run_build(ROOT, directory, prefix=without_network())
    assert done.returncode == 0, done.stdout + done.stderr
    return directory


@pytest.fixture(scope="session")
def site(output: Path) -> Path:
    """Return the directory of the built pages."""
    return output / "html"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium, or skip the test if it is not installed."""
    with started_browser(installed_browser()) as started:
        yield started
