"""Signals that end botlab: temporary files are removed before."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Generator
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def ended_by_signals() -> Generator[None]:
    """Raise SystemExit in the block when SIGTERM or SIGHUP arrives, as Ctrl-C raises its error.

    By default they end the process at once. A signal that is ignored or handled stays so. Only the
    main thread can handle signals.
    """
    numbers = [
        number
        for number in _SIGNALS
        if threading.current_thread() is threading.main_thread()
        and signal.getsignal(number) is signal.SIG_DFL
    ]
    for number in numbers:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def ends_botlab(number: int) -> bool:
    """Return whether a signal ends botlab: by default, or because of ``ended_by_signals``.

    Args:
        number: The signal.
    """
    return signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler, _end)


def _end(number: int, frame: FrameType | None) -> None:
    """End the process, also at a second signal, because Python ignores errors in ``__del__``."""
    del frame
    raise SystemExit(128 + number)
