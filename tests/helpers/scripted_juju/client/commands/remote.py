"""Commands that reach machines by SSH, and the keys for that."""

from __future__ import annotations

import hashlib
import os

from ..arguments import Arguments
from ..bundles import is_visible_to_snap
from ..errors import CommandError, usage_error
from ..objects import generation_of, host_of, model_name, model_of, unit_name
from ..output import Output
from ..store import JsonObject
from ..tasks import command_script


def ssh(state: JsonObject, arguments: Arguments) -> Output:
    """Run a command on a machine or a unit's machine."""
    if not arguments.words:
        raise usage_error("no target name specified")
    model = model_of(state, arguments)
    target = _target(state, model, arguments.words[0])
    refusal = _connection_refusal(state, model, target)
    if refusal:
        return Output(stderr=refusal, code=255)
    command = " ".join(word for word in arguments.words[1:] if word != "--")
    script = command_script(model, target, command)
    return Output(script["stdout"], script["stderr"], script["return_code"], script["seconds"])


def _target(state: JsonObject, model: JsonObject, text: str) -> str:
    name = text.rpartition("@")[2]
    if name.endswith("/leader") and generation_of(state).name == "2.6":
        # Only its actions know leaders (juju/juju#12662).
        raise CommandError(f'target "{name}" not found')
    if name in model["machines"]:
        return name
    if "/" not in name:
        raise CommandError(f"machine {name} not found")
    return unit_name(model, name)


def _connection_refusal(state: JsonObject, model: JsonObject, target: str) -> str:
    """Return why SSH does not reach a target; empty if it does."""
    machine_id = host_of(model, model["units"][target]) if target in model["units"] else target
    machine = model["machines"].get(machine_id, {})
    address = machine.get("dns_name")
    if not address:
        return f"ERROR opening environment: no address found for {target}\n"
    if machine["juju_status"]["current"] in ("down", "pending"):
        return f"ssh: connect to host {address} port 22: No route to host\n"
    if generation_of(state).is_juju4 and not model["ssh_keys"]:
        return f"ubuntu@{address}: Permission denied (publickey).\n"
    return ""


def scp(state: JsonObject, arguments: Arguments) -> Output:
    """Copy one file from or to a unit."""
    words = [word for word in arguments.words if not word.startswith("-")]
    if len(words) < 2:
        raise usage_error("at least two arguments required")
    model = model_of(state, arguments)
    source, destination = words[-2], words[-1]
    remote = source if _is_remote(source) else destination
    target = _target(state, model, remote.partition(":")[0])
    refusal = _connection_refusal(state, model, target)
    if refusal:
        return Output(stderr=refusal, code=1)
    path = remote.partition(":")[2]
    if _is_remote(source):
        return _download(state, model["files"].get(target, {}), path, destination)
    return _upload(state, model["files"].setdefault(target, {}), source, path)


def _is_remote(text: str) -> bool:
    return ":" in text and not text.startswith(("/", "."))


def _download(state: JsonObject, files: JsonObject, path: str, destination: str) -> Output:
    if path not in files:
        return Output(stderr=f"scp: {path}: No such file or directory\n", code=1)
    local = os.path.abspath(destination)
    if os.path.isdir(local):
        local = os.path.join(local, os.path.basename(path))
    _require_snap_access(state, local)
    with open(local, "w") as file:
        file.write(files[path])
    return Output()


def _upload(state: JsonObject, files: JsonObject, source: str, path: str) -> Output:
    local = os.path.abspath(source)
    _require_snap_access(state, local)
    with open(local) as file:
        files[path or os.path.basename(local)] = file.read()
    return Output()


def _require_snap_access(state: JsonObject, path: str) -> None:
    scripted = state["has_strict_snap"]
    is_strict = generation_of(state).has_strict_snap if scripted is None else scripted
    if is_strict and not is_visible_to_snap(path, os.environ.get("HOME", "/")):
        raise CommandError(
            f'open local "{path}": Permission denied',
            1,
            f"the snap of the client cannot access {path}",
        )


def ssh_keys(state: JsonObject, arguments: Arguments) -> Output:
    """List the SSH keys of a model."""
    keys: list[str] = model_of(state, arguments)["ssh_keys"]
    if not keys:
        return Output(stderr="No keys to display.\n")
    lines = keys if arguments.has("full") else [_fingerprint(key) for key in keys]
    name = f"admin/{model_name(state, arguments)}"
    return Output("\n".join([f"Keys used in model: {name}", *lines, ""]))


def _fingerprint(key: str) -> str:
    digest = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
    pairs = ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
    comment = key.split()[2:]
    return f"{pairs} ({' '.join(comment)})" if comment else pairs


def add_ssh_key(state: JsonObject, arguments: Arguments) -> Output:
    """Add SSH keys to a model."""
    if not arguments.words:
        raise usage_error("no ssh key specified")
    keys: list[str] = model_of(state, arguments)["ssh_keys"]
    refused = [key for key in arguments.words if key in keys or len(key.split()) < 2]
    keys += [key for key in arguments.words if key not in refused]
    lines = [
        f'cannot add key "{key}": '
        + (f"duplicate ssh key: {key}" if key in keys else f"invalid ssh key: {key}")
        for key in refused
    ]
    return Output(stderr="".join(f"{line}\n" for line in lines))
