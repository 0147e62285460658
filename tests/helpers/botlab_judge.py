"""botlab's judgement about a bundle, taken from the commands that a user runs.

As a program this module reads a JSON list of requests and prints a JSON list of judgements, so
that another checkout of botlab can be asked too.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Sequence
from typing import Any

from botlab.cli import main

TRUST = "--trust"


def judge(request: dict[str, Any], juju: str) -> dict[str, Any]:
    """Return botlab's verdict, messages and changes for a bundle.

    Args:
        request: The path of the bundle, its overlays, and whether it is deployed with --trust.
        juju: The release line, such as ``3.6``.

    Returns:
        ``messages`` are the refusals by a dry run; ``errors`` are botlab's own errors.
    """
    options = ["--juju", juju, "--format", "json"]
    for overlay in request.get("overlays") or ():
        options += ["--overlay", overlay]
    if request.get("trust") and _has_trust():
        options.append(TRUST)
    status, output, faults = _run(["plan", request["path"], *options])
    if status == 2 or not output:
        return {"messages": [], "errors": [faults.strip()], "changes": None, "deploy": []}
    return _judgement(json.loads(output), faults)


def _judgement(plan: dict[str, Any], faults: str) -> dict[str, Any]:
    findings = [f for f in plan.get("findings", ()) if f["severity"] == "error"]
    by_juju = [finding for finding in findings if finding["source"] == "juju"]
    messages = [f["message"] for f in by_juju if f.get("when") != "deploy"]
    return {
        "messages": messages,
        "deploy": [f["message"] for f in by_juju if f.get("when") == "deploy"],
        "errors": [f["message"] for f in findings if f["source"] != "juju"],
        "changes": None if findings else plan["changes"],
        "notes": faults,
    }


def _run(arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run a command of botlab in this process and return its exit status and its output."""
    output, faults = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(faults):
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        except Exception as crash:  # a crash of botlab is a difference like any other
            return 2, "", f"botlab crashed: {type(crash).__name__}: {crash}"
    return status, output.getvalue(), faults.getvalue()


def _has_trust() -> bool:
    return TRUST in _run(["plan", "--help"])[1]


if __name__ == "__main__":
    release = sys.argv[1]
    print(json.dumps([judge(request, release) for request in json.load(sys.stdin)]))
