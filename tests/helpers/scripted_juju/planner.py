"""The output of `juju deploy` as botlab's planner predicts it, without botlab's own notes.

    python planner.py REQUEST.json

The scripted client runs this as a process of its own, because botlab needs its dependencies. The
request and the answer are JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from botlab import plan
from botlab.assessment import Assessment, Request, assess
from botlab.plan.model_file import ModelFile, read_model

# Errors that stop the client before it lists the faults of a bundle.
_SINGLE = ("cannot unmarshal", "malformed bundle", "cycle in placement", "bundle and machine")


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Return the lines that the client prints for a bundle, and its exit status.

    Args:
        request: The bundle's file, the overlays, the release, the machine map, the constraints of
            the model, the files about the model, and whether this is a real deployment.
    """
    overlays = [Path(path) for path in request["overlays"]]
    assessment = assess(
        Request(file=Path(request["bundle"]), juju=request["juju"], overlays=overlays)
    )
    refusals = [f.message for f in assessment.blocking_findings() if f.source == "juju"]
    if refusals or assessment.bundle is None:
        return _refusal(refusals)
    try:
        return _planned(request, assessment)
    except plan.PlanError as error:
        return _refusal([str(error)])


def _planned(request: dict[str, Any], assessment: Assessment) -> dict[str, Any]:
    bundle, juju, charms = assessment.bundle, assessment.juju, assessment.charms
    assert bundle is not None
    files = [ModelFile(Path(path).read_text(), path) for path in request["model"]]
    model = read_model(files, juju, charms) if files else plan.Model()
    model.map_machines(plan.parse_machine_map(request["map_machines"]))
    constraints = request["model_constraints"]
    changes = plan.changes(bundle, juju, charms=charms, model=model, model_constraints=constraints)
    lines = (
        plan.executed(changes, bundle, charms) if request["executed"] else plan.dry_run(changes)
    )
    lines = [*plan.located(bundle, juju, model), *lines]
    return {"lines": [[line.stream, line.text] for line in lines], "code": 0}


def _refusal(messages: list[str]) -> dict[str, Any]:
    head = "ERROR cannot deploy bundle: "
    if not (len(messages) == 1 and messages[0].startswith(_SINGLE)):
        head += "the provided bundle has the following errors:\n"
    text = "\n".join(messages)
    return {"lines": [["stderr", f"{head}{text}"]], "code": 1}


if __name__ == "__main__":
    print(json.dumps(answer(json.loads(Path(sys.argv[1]).read_text()))))
