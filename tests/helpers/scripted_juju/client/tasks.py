"""Tasks: actions and commands on units, and the documents about them in each release."""

from __future__ import annotations

from typing import Any

from .clock import action_time, now
from .generations import Generation
from .objects import generation_of
from .store import JsonObject

_STREAMS = {"stdout": "Stdout", "stderr": "Stderr"}


def action_script(model: JsonObject, unit: str, action: str) -> JsonObject:
    """Return what an action on a unit ends with, and count the use.

    Args:
        model: The model.
        unit: The unit.
        action: The action.
    """
    application = unit.partition("/")[0]
    for script in model["action_results"]:
        if script["action"] != action or script["target"] not in (unit, application, "*"):
            continue
        if script["times"] is None:
            return script
        if script["times"] > 0:
            script["times"] -= 1
            return script
    return {"results": {}, "status": "completed", "message": "", "log": [], "seconds": 0.0}


def command_script(model: JsonObject, target: str, command: str) -> JsonObject:
    """Return what a shell command on a unit or machine ends with."""
    names = (target, target.partition("/")[0], "*")
    for script in model["command_results"]:
        if script["target"] in names and script["contains"] in command:
            return script
    content = _content_of_file(model, target, command)
    if content is not None:
        return {"stdout": content, "stderr": "", "return_code": 0, "seconds": 0.0}
    name = command.split()[0] if command.split() else ""
    text = f"bash: line 1: {name}: command not found\n"
    return {"stdout": "", "stderr": text, "return_code": 127, "seconds": 0.0}


def _content_of_file(model: JsonObject, target: str, command: str) -> str | None:
    words = [word for word in command.split() if word != "sudo"]
    if len(words) != 2 or words[0] != "cat":
        return None
    return model["files"].get(target, {}).get(words[1])


def next_operation(state: JsonObject, model: JsonObject) -> int:
    """Return the number of the next operation: the first one is 0 in Juju 4, and 1 before."""
    number = model["next_operation"]
    return number - 1 if generation_of(state).is_juju4 and number == 1 else number


def new_task(
    state: JsonObject, model: JsonObject, receiver: str, action: str, script: JsonObject
) -> JsonObject:
    """Record a task, and return its facts.

    Args:
        state: The state.
        model: The model.
        receiver: The unit, or the machine.
        action: The action's name; `juju-exec` or `juju-run` for a command.
        script: What the task ends with.
    """
    generation = generation_of(state)
    number = next_operation(state, model)
    model["next_operation"] = number + (1 if generation.is_juju2 else 2)
    identifier = str(number if generation.is_juju2 else number + 1)
    if generation.name == "2.6":
        identifier = f"f00ba400-0000-4000-8000-{number:012d}"
    task = {
        "id": identifier,
        "operation": str(number),
        "receiver": receiver,
        "action": action,
        "status": script["status"],
        "message": script["message"],
        "results": nested(script["results"]),
        "log": script["log"],
        "timing": _timing(state, script["status"]),
    }
    model["tasks"][identifier] = task
    return task


def _timing(state: JsonObject, status: str) -> JsonObject:
    stamp = action_time(now(state))
    names = ["enqueued"]
    if status != "error":
        names.append("started")
        names += [] if generation_of(state).is_juju4 else ["completed"]
    return dict.fromkeys(names, stamp)


def nested(results: JsonObject) -> JsonObject:
    """Return results whose dotted keys are taken apart, as the controller returns them."""
    tree: JsonObject = {}
    for key, value in results.items():
        *path, last = key.split(".")
        node = tree
        for name in path:
            node = node.setdefault(name, {})
        node[last] = value
    return tree


def task_document(generation: Generation, task: JsonObject) -> JsonObject:
    """Return the document about a task as `run`, `run-action` and `show-task` print it."""
    kind = "unit" if "/" in task["receiver"] and "lxd" not in task["receiver"] else "machine"
    if generation.name == "2.9":
        kind = {"unit": "UnitId", "machine": "MachineId"}[kind]
    results = (
        _results_of_juju2(generation, task) if generation.is_juju2 else _with_return_code(task)
    )
    return {
        "id": task["id"],
        **_optional("log", task["log"]),
        **_optional("message", task["message"]),
        **_optional("results", results),
        "status": task["status"],
        "timing": task["timing"],
        kind: task["receiver"],
    }


def _results_of_juju2(generation: Generation, task: JsonObject) -> JsonObject:
    """Return results with the names of 2.x for streams and the return code."""
    results = {k: v for k, v in task["results"].items() if k not in (*_STREAMS, "return-code")}
    results.update({_STREAMS[k]: v for k, v in task["results"].items() if k in _STREAMS})
    code = task["results"].get("return-code")
    if code and generation.name == "2.9":
        results["ReturnCode"] = code
    elif code is not None and generation.name == "2.6":
        results["Code"] = str(code)
    return results


def _with_return_code(task: JsonObject) -> JsonObject:
    if task["status"] == "error":
        return task["results"]
    return dict(sorted({"return-code": 0, **task["results"]}.items()))


def _optional(name: str, value: Any) -> JsonObject:
    return {name: value} if value else {}
