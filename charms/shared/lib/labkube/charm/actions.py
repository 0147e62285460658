"""What the actions on objects answer, the same in every charm.

`list-objects`: {ok, correct, changed, missing, extra}; `sync-objects`: {ok, created, changed,
same, pruned}; `remove-objects`: {ok, left}. Lists hold "KIND NAMESPACE/NAME".
"""

import json
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Tuple, Type

from labcharm.errors import CharmError
from labcharm.text import some
from labcharm.verify import Check
from labkube.apply.objects import Applied, Comparison


@contextmanager
def failing(
    event: Any,
    errors: Tuple[Type[Exception], ...] = (CharmError, OSError),
    told: Callable[[Exception], str] = str,
) -> Iterator[None]:
    """Let an action fail by these errors' words, and not by a traceback.

    Args:
        event: The action's.
        errors: What may be raised within.
        told: Puts an error into words.
    """
    try:
        yield
    except errors as error:
        event.fail(told(error))


def leads(charm: Any, event: Any, does: str) -> bool:
    """Tell whether a unit leads, and let the action fail where it does not.

    Args:
        charm: The charm.
        event: The action's.
        does: What the leader alone does, such as "applies".
    """
    leader = bool(charm.unit.is_leader())
    if not leader:
        event.fail("only the leader %s objects; run it there" % does)
    return leader


def as_check(name: str, found: Comparison, word: str = "wanted") -> Check:
    """Return a comparison as one check of `verify`.

    Args:
        name: The check's.
        found: What was compared.
        word: How what is right is called: as wanted, as meant.
    """
    wrong = found.changed + found.missing + found.extra
    if wrong:
        return Check(name, False, "not as %s: %s" % (word, some(wrong)))
    return Check(name, True, "%d as %s" % (len(found.correct), word))


def listed(found: Comparison) -> Dict[str, str]:
    """Return the results of `list-objects`."""
    right = not (found.changed or found.missing or found.extra)
    return _texts(dict(found._asdict(), ok=right))


def synced(found: Applied) -> Dict[str, str]:
    """Return the results of `sync-objects`."""
    return _texts(dict(found._asdict(), ok=True))


def removed(left: List[str]) -> Dict[str, str]:
    """Return the results of `remove-objects`: what is still there, and what holds it."""
    return _texts({"ok": not left, "left": left})


def _texts(found: Dict[str, Any]) -> Dict[str, str]:
    """Juju keeps results as texts."""
    return {key: json.dumps(value) for key, value in found.items()}
