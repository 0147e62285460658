"""The words in which `juju deploy` describes its changes, from botlab's planner."""

from __future__ import annotations

import json
import os
import subprocess

from .arguments import Arguments
from .errors import CommandError
from .output import Output
from .status_document import StatusDocument
from .store import JsonObject

Line = list[str]  # The stream, and the text.


def planned_lines(
    state: JsonObject, model: JsonObject, arguments: Arguments, *, executed: bool
) -> tuple[list[Line], int]:
    """Return the lines that the client prints for a bundle, and its exit status.

    Args:
        state: The state.
        model: The model before the deployment.
        arguments: The call.
        executed: Whether this is a real deployment; otherwise it is a dry run.
    """
    directory = os.path.join(state["directory"], "planner")
    os.makedirs(directory, exist_ok=True)
    request = {
        "bundle": arguments.words[0],
        "overlays": arguments.options.get("overlay", []),
        "juju": state["generation"],
        "map_machines": arguments.value("map-machines"),
        "model_constraints": model["constraints"],
        "model": _model_files(state, model, arguments, directory),
        "executed": executed,
    }
    path = _write(directory, "request.json", json.dumps(request))
    planner = state["planner"]
    done = subprocess.run(
        [*planner["command"], path],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": planner["path"]},
    )
    if done.returncode:
        raise CommandError(f"scripted juju: the planner failed: {done.stderr}")
    answer = json.loads(done.stdout)
    return answer["lines"], answer["code"]


def _model_files(
    state: JsonObject, model: JsonObject, arguments: Arguments, directory: str
) -> list[str]:
    """Write what the planner must know of an existing model, and return the files."""
    from .commands import configuration, inventory, status

    if not model["applications"] and not model["machines"]:
        return []
    names = sorted(model["applications"])
    query = arguments._replace(options={**arguments.options, "format": ["json"]}, words=names)
    texts = {"status.json": json.dumps(StatusDocument(state, model).document())}
    if names:
        texts["show-application.json"] = status.show_application(state, query).stdout
    for name in names:
        one = query._replace(words=[name])
        texts[f"config-{name}.json"] = configuration.config(state, one).stdout
    if any(application.get("annotations") for application in model["applications"].values()):
        texts["bundle.yaml"] = inventory.bundle_text(state, model)
    return [_write(directory, name, text) for name, text in texts.items()]


def _write(directory: str, name: str, text: str) -> str:
    path = os.path.join(directory, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def output_of(lines: list[Line], code: int = 0) -> Output:
    """Return the lines as the output of a call."""
    texts = {
        stream: "".join(f"{text}\n" for name, text in lines if name == stream)
        for stream in ("stdout", "stderr")
    }
    return Output(texts["stdout"], texts["stderr"], code)


def output_until(lines: list[Line], failing: str, message: str) -> Output:
    """Return the output of a deployment that fails at one of its changes.

    Args:
        lines: The output of the whole deployment.
        failing: The beginning of the line about the change that fails; empty if there is none.
        message: Juju's error.
    """
    printed: list[Line] = []
    for line in lines:
        printed.append(line)
        if not failing or f"{line[1]} ".startswith(f"- {failing} "):
            break
    return output_of([*printed, ["stderr", f"ERROR {message}"]], 1)
