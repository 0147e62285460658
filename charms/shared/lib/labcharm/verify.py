"""The answer of every charm's action `verify`.

It is `{"ok": bool, "checks": [{"name", "ok", "message"}], "failures": [message]}`.
"""

import json
from typing import Dict, List, NamedTuple

from labcharm.json_types import JsonObject


class Check(NamedTuple):
    """One check: its name, whether it passed, and what was observed."""

    name: str
    ok: bool
    message: str


def report(checks: List[Check]) -> JsonObject:
    """Return the answer for the checks that were run."""
    failures = [check.message for check in checks if not check.ok]
    return {
        "ok": not failures,
        "checks": [dict(check._asdict()) for check in checks],
        "failures": failures,
    }


def as_results(answer: JsonObject) -> Dict[str, str]:
    """Return the answer as results of an action, which Juju stores as strings."""
    return {key: json.dumps(answer[key]) for key in ("ok", "checks", "failures")}
