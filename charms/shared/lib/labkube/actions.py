"""What the actions on objects answer, the same in every charm.

`list-objects`: {ok, correct, changed, missing, extra}; `sync-objects`: {ok, created, changed,
same, pruned}; `remove-objects`: {ok, left}. Lists hold "KIND NAMESPACE/NAME".
"""

import json
from typing import Any, Dict, List

from .objects import Applied, Comparison


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
