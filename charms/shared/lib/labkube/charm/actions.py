"""The results of the actions on objects, the same in every charm.

`list-objects`: {ok, correct, changed, missing, extra}; `sync-objects`: {ok, created, changed,
same, pruned}; `remove-objects`: {ok, left}. Lists hold "KIND NAMESPACE/NAME".
"""

import json
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Tuple, Type

from labcharm.errors import CharmError, error_message
from labcharm.json_types import JsonObject
from labcharm.text import summarize
from labcharm.verify import Check
from labkube.apply.objects import Applied, Comparison

# Charms and events are objects of ops 1.5 to 3, which this package does not import.
Charm = Any
Event = Any


@contextmanager
def fail_on_error(
    event: Event,
    errors: Tuple[Type[Exception], ...] = (CharmError, OSError),
    message_of: Callable[[Exception], str] = error_message,
) -> Iterator[None]:
    """Let an action fail with an error's message, and not with a traceback.

    Args:
        event: The action's event.
        errors: The errors that are expected within the block.
        message_of: Returns the message for an error.
    """
    try:
        yield
    except errors as error:
        event.fail(message_of(error))


def require_leader(charm: Charm, event: Event, verb: str) -> bool:
    """Return whether the unit is the leader, and let the action fail where it is not.

    Args:
        charm: The charm.
        event: The action's event.
        verb: What only the leader does with objects, such as "applies".
    """
    is_leader = bool(charm.unit.is_leader())
    if not is_leader:
        event.fail(f"only the leader {verb} objects; run the action on the leader unit")
    return is_leader


def comparison_check(name: str, comparison: Comparison, word: str = "desired") -> Check:
    """Return a comparison as one check of `verify`.

    Args:
        name: The check's name.
        comparison: The comparison.
        word: The participle for an object that is correct, such as "desired".
    """
    wrong = comparison.changed + comparison.missing + comparison.extra
    if wrong:
        return Check(name, False, f"not as {word}: {summarize(wrong)}")
    return Check(name, True, f"{len(comparison.correct)} as {word}")


def comparison_results(comparison: Comparison) -> Dict[str, str]:
    """Return the results of `list-objects`."""
    is_correct = not (comparison.changed or comparison.missing or comparison.extra)
    return _as_texts(dict(comparison._asdict(), ok=is_correct))


def apply_results(applied: Applied) -> Dict[str, str]:
    """Return the results of `sync-objects`."""
    return _as_texts(dict(applied._asdict(), ok=True))


def removal_results(remaining: List[str]) -> Dict[str, str]:
    """Return the results of `remove-objects`: what still exists, and what holds it."""
    return _as_texts({"ok": not remaining, "left": remaining})


def _as_texts(results: JsonObject) -> Dict[str, str]:
    """Return results as JSON strings, because Juju stores strings."""
    return {key: json.dumps(document) for key, document in results.items()}
