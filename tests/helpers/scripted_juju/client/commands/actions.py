"""Commands that run actions and shell commands on units."""

from __future__ import annotations

import json
from typing import Any

from ..arguments import Arguments
from ..durations import seconds
from ..errors import CommandError, usage_error
from ..objects import application_of, generation_of, model_of, unit_name, units_of
from ..output import Output, formatted, yaml_text
from ..store import JsonObject
from ..tasks import action_script, command_script, new_task, next_operation, task_document
from ..yaml_files import load

_FOREVER = 600.0
_RUN_NAMES = ("ReturnCode", "Stderr", "Stdout", "UnitId", "MachineId")
_EXEC_NAMES = ("return-code", "stderr", "stdout", "unit", "machine")


def actions(state: JsonObject, arguments: Arguments) -> Output:
    """List the actions of an application."""
    if not arguments.words:
        raise usage_error("no application name specified")
    application = application_of(model_of(state, arguments), arguments.words[0])
    definitions = application["actions"]
    if arguments.has("schema"):
        value = {
            name: {"type": "object", "properties": body["params"]}
            for name, body in definitions.items()
        }
    else:
        value = {
            name: body["description"] or "No description" for name, body in definitions.items()
        }
    ordered = dict(sorted(value.items()))
    table = "\n".join(
        ["Action  Description", *(f"{name}  {text}" for name, text in ordered.items())]
    )
    return formatted(arguments, ordered, table)


class _ActionCall:
    """An action on some units: `run UNIT ... ACTION KEY=VALUE ...`."""

    def __init__(self, state: JsonObject, arguments: Arguments) -> None:
        self.state, self.arguments = state, arguments
        self.model = model_of(state, arguments)
        self.generation = generation_of(state)
        self.receivers = _leading_units(arguments.words)
        rest = arguments.words[len(self.receivers) :]
        if not self.receivers:
            raise usage_error("no unit specified")
        if not rest:
            raise usage_error("no action specified")
        self.action = rest[0]
        self.parameters = self._parameters(rest[1:])

    def _parameters(self, words: list[str]) -> JsonObject:
        parameters: JsonObject = {}
        path = self.arguments.value("params")
        if path:
            with open(path) as file:
                parameters.update(load(file.read(), self.state["yaml"]) or {})
        for word in words:
            key, equals, value = word.partition("=")
            if not equals:
                form = "key...=value" if self.generation.is_juju2 else "key.key.key...=value"
                raise usage_error(f'argument "{word}" must be of the form {form}')
            parameters[key] = value if self.arguments.has("string-args") else _scalar(value)
        return parameters

    def start(self, unit: str) -> JsonObject:
        """Record the task on a unit, and return it.

        Raises:
            CommandError: The charm does not define the action.
        """
        definitions = application_of(self.model, unit.partition("/")[0])["actions"]
        is_known = self.action in definitions
        if not is_known and (definitions or self.state["knows_all_names"]):
            raise CommandError(f'action "{self.action}" not defined on unit "{unit}"')
        script = self._rejection(definitions) or action_script(self.model, unit, self.action)
        task = new_task(self.state, self.model, unit, self.action, script)
        return {**task, "seconds": script["seconds"], "parameters": self.parameters}

    def _rejection(self, definitions: JsonObject) -> JsonObject | None:
        """Return how Juju 4 rejects a parameter that the action does not define.

        A test can require that of each release: the charms of this project allow no others.
        """
        definition = definitions.get(self.action)
        rejects = self.generation.is_juju4 or self.state["knows_all_names"]
        if not rejects or definition is None or definition["additional"]:
            return None
        unknown = [name for name in self.parameters if name not in definition["params"]]
        if not unknown:
            return None
        text = f'(root) : additional property "{unknown[0]}" is not allowed, given'
        parameters = json.dumps(self.parameters, separators=(",", ":"))
        if self.state["knows_all_names"]:
            raise CommandError(text, 1, text)
        message = f'cannot run "{self.action}" action: validation failed: {text} {parameters}'
        return {"results": {}, "status": "error", "message": message, "log": [], "seconds": 0.0}


def _scalar(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _leading_units(words: list[str]) -> list[str]:
    units: list[str] = []
    for word in words:
        if "/" not in word:
            break
        units.append(word)
    return units


def run_action(state: JsonObject, arguments: Arguments) -> Output:
    """Queue an action on units (2.x); --wait waits for the results."""
    call = _ActionCall(state, arguments)
    if "wait" not in arguments.options:
        tasks = [call.start(unit_name(call.model, unit)) for unit in call.receivers]
        if len(tasks) == 1:
            return formatted(arguments, {"Action queued with id": tasks[0]["id"]})
        queued = {_tag(t["receiver"]): {"id": t["id"], "unit": t["receiver"]} for t in tasks}
        return formatted(arguments, queued)
    text = arguments.value("wait")
    return _wait_juju2(call, seconds(text, "wait") if text else _FOREVER)


def _wait_juju2(call: _ActionCall, limit: float) -> Output:
    document: JsonObject = {}
    delay = 0.0
    for position, receiver in enumerate(call.receivers):
        try:
            task = call.start(unit_name(call.model, receiver))
        except CommandError as error:
            if call.generation.name == "2.6":
                raise
            document.setdefault("errors", {})[str(position)] = error.message
            continue
        delay = max(delay, task["seconds"])
        document[_tag(task["receiver"])] = task_document(call.generation, task)
    if delay > limit:
        return Output(stderr="ERROR timeout reached\n", code=1, delay=limit)
    output = formatted(call.arguments, document)
    output.delay = delay
    return output


def _tag(unit: str) -> str:
    application, _, number = unit.partition("/")
    return f"unit-{application}-{number}"


def run(state: JsonObject, arguments: Arguments) -> Output:
    """Run an action on units (3.x and 4), or a shell command (2.x)."""
    generation = generation_of(state)
    if generation.is_juju2:
        return _shell_juju2(state, arguments)
    call = _ActionCall(state, arguments)
    tasks: list[JsonObject] = []
    errors: list[str] = []
    for receiver in call.receivers:
        try:
            tasks.append(call.start(unit_name(call.model, receiver)))
        except CommandError as error:
            errors.append(_enqueue_text(state, error.message, receiver))
    if not tasks and generation.is_juju4 and "not defined" in errors[0]:
        raise CommandError(errors[0])
    return _operation(state, arguments, tasks, errors)


def _enqueue_text(state: JsonObject, message: str, receiver: str) -> str:
    if not generation_of(state).is_juju4:
        return message
    if "not defined" in message:
        return f"{message.replace(' on unit', ' for unit')}. (not found)"
    return f'linking task to unit: getting unit UUID for "{receiver}": {message}'


def _operation(
    state: JsonObject, arguments: Arguments, tasks: list[JsonObject], errors: list[str]
) -> Output:
    """Return the answer about an operation of 3.x and 4, with its progress on standard error."""
    operation = (
        tasks[0]["operation"] if tasks else str(next_operation(state, model_of(state, arguments)))
    )
    if not tasks:
        text = "\n".join(errors)
        return Output(stderr=f"\nOperation {operation} failed to schedule any tasks:\n{text}\n")
    lines = _progress_lines(operation, tasks)
    if arguments.has("background"):
        return Output(stderr=_background_text(operation, tasks))
    limit = seconds(arguments.value("wait") or _default_wait(arguments), "wait")
    late = [task["receiver"] for task in tasks if task["seconds"] > limit]
    if late:
        names = ", ".join(f"unit {name}" for name in late)
        lines.append(f"ERROR timed out waiting for results from: {names}")
        return Output(stderr="\n".join([*lines, ""]), code=1, delay=limit)
    document = {t["receiver"]: task_document(generation_of(state), t) for t in tasks}
    output = formatted(arguments, document, _plain(document))
    output.stderr, output.delay = "\n".join([*lines, ""]), max(task["seconds"] for task in tasks)
    _report_return_codes(output, tasks)
    return output


def _default_wait(arguments: Arguments) -> str:
    return "5m" if arguments.command == "exec" else "60s"


def _progress_lines(operation: str, tasks: list[JsonObject]) -> list[str]:
    plural = "s" if len(tasks) > 1 else ""
    lines = [f"Running operation {operation} with {len(tasks)} task{plural}"]
    lines += [f"  - task {task['id']} on {_tag(task['receiver'])}" for task in tasks]
    for task in tasks:
        lines += ["", f"Waiting for task {task['id']}..."]
    return lines


def _background_text(operation: str, tasks: list[JsonObject]) -> str:
    return (
        f"Scheduled operation {operation} with task {tasks[0]['id']}\n"
        f"Check operation status with 'juju show-operation {operation}'\n"
        f"Check task status with 'juju show-task {tasks[0]['id']}'\n"
    )


def _plain(document: JsonObject) -> str:
    """Return the streams of commands, or the results of actions, as the client prints them."""
    lines: list[str] = []
    for body in document.values():
        results = body.get("results", {})
        streams = [results[name].rstrip("\n") for name in ("stdout", "stderr") if name in results]
        rest = {k: v for k, v in results.items() if k not in ("stdout", "stderr", "return-code")}
        lines += streams + ([yaml_text(rest)] if rest else [])
    return "\n".join(lines)


def _report_return_codes(output: Output, tasks: list[JsonObject]) -> None:
    failed = {
        t["id"]: t["results"]["return-code"] for t in tasks if t["results"].get("return-code")
    }
    if not failed:
        return
    plural = "s" if len(failed) > 1 else ""
    lines = [
        f' - id "{identifier}" with return code {code}' for identifier, code in failed.items()
    ]
    output.stderr += (
        f"ERROR the following task{plural} failed:\n" + "\n".join(lines) + "\n\n"
        f"use 'juju show-task' to inspect the failure{plural}\n\n"
    )
    output.code = 1


def exec_(state: JsonObject, arguments: Arguments) -> Output:
    """Run a shell command on units or machines."""
    if generation_of(state).is_juju2:
        return _shell_juju2(state, arguments)
    model = model_of(state, arguments)
    tasks: list[JsonObject] = []
    for target in _targets(model, arguments):
        script = command_script(model, target, " ".join(arguments.words))
        streams = {name: script[name] for name in ("stdout", "stderr") if script[name]}
        facts = {
            "results": {"return-code": script["return_code"], **streams},
            "status": "completed",
            "message": "",
            "log": [],
        }
        task = new_task(state, model, target, "juju-exec", facts)
        tasks.append({**task, "seconds": script["seconds"]})
    return _operation(state, arguments, tasks, [])


def _targets(model: JsonObject, arguments: Arguments) -> list[str]:
    if not arguments.words:
        raise usage_error("no commands specified")
    units = [unit_name(model, word) for word in arguments.values("unit", "u")]
    for application in arguments.values("application", "app", "a"):
        application_of(model, application)
        units += units_of(model, application)
    machines = list(model["machines"]) if arguments.has("all") else arguments.values("machine")
    if not units and not machines:
        raise usage_error(
            "You must specify a target, either through --all, --machine, --application or --unit"
        )
    return units + machines


def _shell_juju2(state: JsonObject, arguments: Arguments) -> Output:
    model = model_of(state, arguments)
    limit = seconds(arguments.value("timeout", "5m"), "timeout")
    entries: list[JsonObject] = []
    script: JsonObject = {}
    for target in _targets(model, arguments):
        script = command_script(model, target, " ".join(arguments.words))
        if script["seconds"] > limit:
            text = f"ERROR timed out waiting for result from: unit {target}\n"
            return Output(stderr=text, code=1, delay=limit)
        entries.append(_shell_entry(target, script, is_run=arguments.command == "run"))
    if len(entries) == 1 and not arguments.value("format"):
        end = "" if state["generation"] == "2.6" else "\n"
        return Output(f"{script['stdout']}{end}", script["stderr"], script["return_code"])
    return formatted(arguments, entries)


def _shell_entry(target: str, script: JsonObject, *, is_run: bool) -> JsonObject:
    """Return the result of one command: `exec` of 2.9 has other names than `run`."""
    code, stderr, stdout, unit, machine = _RUN_NAMES if is_run else _EXEC_NAMES
    kind = machine if target.isdigit() else unit
    return {
        **({code: script["return_code"]} if script["return_code"] or not is_run else {}),
        **({stderr: script["stderr"]} if script["stderr"] else {}),
        **({stdout: script["stdout"]} if script["stdout"] or is_run else {}),
        kind: target,
    }


def show_task(state: JsonObject, arguments: Arguments) -> Output:
    """Show a task."""
    model = model_of(state, arguments)
    if not arguments.words:
        raise usage_error("no task ID specified")
    task = model["tasks"].get(arguments.words[0])
    if task is None:
        raise CommandError(f'task "{arguments.words[0]}" not found')
    return formatted(arguments, task_document(generation_of(state), task))


show_action_output = show_task


def show_action_status(state: JsonObject, arguments: Arguments) -> Output:
    """List the actions of a model with their statuses (2.x)."""
    tasks = model_of(state, arguments)["tasks"].values()
    entries = [
        {"action": t["action"], "id": t["id"], "status": t["status"], "unit": t["receiver"]}
        for t in tasks
    ]
    return formatted(arguments, {"actions": entries})


def show_operation(state: JsonObject, arguments: Arguments) -> Output:
    """Show an operation with its tasks."""
    if not arguments.words:
        raise usage_error("no operation ID specified")
    number = arguments.words[0]
    model = model_of(state, arguments)
    tasks = [task for task in model["tasks"].values() if task["operation"] == number]
    if not tasks:
        raise CommandError(f'operation "{number}" not found')
    first = tasks[0]
    document = {
        "summary": f'action "{first["action"]}"',
        "status": first["status"],
        "action": {"name": first["action"], "parameters": {}},
        "timing": first["timing"],
        "tasks": {
            task["id"]: {
                "host": task["receiver"],
                "status": task["status"],
                "timing": task["timing"],
            }
            for task in tasks
        },
    }
    return formatted(arguments, document)
