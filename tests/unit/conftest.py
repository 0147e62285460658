"""What all tests of the generator share."""

from __future__ import annotations

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def signals_that_end_programs() -> None:
    """Let signals end the programs that tests start, also if this process ignores them.

    A job in the background of a shell ignores Ctrl-C, and ``nohup`` ignores SIGHUP. A process that
    ignores a signal passes this on to the programs that it starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
