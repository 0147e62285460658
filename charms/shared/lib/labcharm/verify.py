"""What every charm's action `verify` answers: {ok, checks: [{name, ok, message}], failures}."""

import json
from typing import Any, Dict, List, NamedTuple

Check = NamedTuple("Check", [("name", str), ("ok", bool), ("message", str)])


def report(checks: List[Check]) -> Dict[str, Any]:
    """Return the answer as data; a check that was left out is no failure."""
    failures = [check.message for check in checks if not check.ok]
    return {
        "ok": not failures,
        "checks": [dict(check._asdict()) for check in checks],
        "failures": failures,
    }


def as_results(answer: Dict[str, Any]) -> Dict[str, str]:
    """Return the answer as an action's results, which Juju keeps as texts."""
    return {
        "ok": json.dumps(answer["ok"]),
        "checks": json.dumps(answer["checks"]),
        "failures": json.dumps(answer["failures"]),
    }
