"""Waiting until everything of a lab is ready, with progress.

- ``application_order``: the applications in the order in which they become ready.
- ``readiness``: what is ready and what is missing, from one status of the model.
- ``units``, ``machines``: the judgement of a single unit and of a single machine.
- ``missing``: something that is not ready, with its cause and the remedy.
- ``remedies``: the texts of the remedies, with their commands.
- ``phases``: the phases of a deployment.
- ``estimate``: how long the phases that remain may take.
- ``patience``: when further waiting is pointless.
- ``progress``: what is reported after each look at the model.
- ``progress_lines``: that report as lines of text.
- ``outcome``: how the wait ended.
- ``loop``: the wait itself.
"""

from __future__ import annotations

from .loop import wait_until_ready
from .outcome import Result, WaitOutcome
from .progress import Progress

__all__ = ["Progress", "Result", "WaitOutcome", "wait_until_ready"]
