"""An event loop in a thread, for code that is not asynchronous."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from ..errors import CallTimedOutError

_T = TypeVar("_T")
# How long a call may take to end after it was cancelled.
_CANCEL_SECONDS = 1.0


class EventLoopThread:
    """Runs coroutines in a thread of its own. Several threads may use it at once."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="libjuju", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def run(self, work: Coroutine[Any, Any, _T], call: str, seconds: float) -> _T:
        """Run a coroutine and return its result.

        Args:
            work: The coroutine.
            call: The text that names it in errors.
            seconds: Its time limit.

        Raises:
            CallTimedOutError: When the time limit is over. The coroutine is cancelled.
        """
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except concurrent.futures.TimeoutError:
            if future.done():
                raise  # the coroutine itself raised this error
            future.cancel()
            raise CallTimedOutError(call, seconds) from None
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        """Cancel what still runs, and end the thread."""
        if self._loop.is_closed():
            return
        cancelling = asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop)
        concurrent.futures.wait([cancelling], timeout=_CANCEL_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CANCEL_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_CANCEL_SECONDS) if tasks else None
