"""The command line that systemd really starts a daemon with."""

import re
import shlex
from typing import Dict, List, Mapping, NamedTuple

from labcharm.machine import Machine

Unit = NamedTuple(
    "Unit",
    [("loaded", bool), ("active", str), ("args", List[str]), ("fragments", List[str])],
)
_PROPERTIES = (
    "LoadState,ActiveState,ExecStart,Environment,EnvironmentFiles,FragmentPath,DropInPaths"
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
# File keys whose name is not the flag's (moby, cmd/dockerd/config.go and daemon/config).
_PLURAL = {
    "host": "hosts",
    "add-runtime": "runtimes",
    "insecure-registry": "insecure-registries",
    "registry-mirror": "registry-mirrors",
    "label": "labels",
    "log-opt": "log-opts",
    "dns-opt": "dns-opts",
    "storage-opt": "storage-opts",
    "exec-opt": "exec-opts",
    "authorization-plugin": "authorization-plugins",
    "default-ulimit": "default-ulimits",
    "default-address-pool": "default-address-pools",
    "node-generic-resource": "node-generic-resources",
    "cluster-store-opt": "cluster-store-opts",
}
_SHORT = {
    "H": "host", "D": "debug", "G": "group", "b": "bridge", "g": "data-root", "l": "log-level",
    "p": "pidfile", "s": "storage-driver",
}  # fmt: skip


def read_unit(machine: Machine, name: str, environment: Mapping[str, str]) -> Unit:
    """Ask systemd about a unit and return its effective command line, variables put in.

    Args:
        machine: Where it runs.
        name: Name of the unit.
        environment: Values that win over the unit's own: what a program that systemd starts for
            the unit sees; empty elsewhere, and the unit's files are read then.
    """
    shown: Dict[str, List[str]] = {}
    out = machine.run(["systemctl", "show", "--property", _PROPERTIES, name], timeout=10).out
    for line in out.splitlines():
        key, _, value = line.partition("=")
        shown.setdefault(key, []).append(value)
    values = _environment(machine, shown)
    values.update(environment)
    starts = [found for text in shown.get("ExecStart", ()) for found in _argv(text)]
    args = _expand(starts[-1], values) if starts else []
    fragments = [path for key in ("FragmentPath", "DropInPaths") for path in _first(shown, key)]
    return Unit(
        _first(shown, "LoadState") == ["loaded"],
        "".join(_first(shown, "ActiveState")),
        args,
        fragments,
    )


def _first(shown: Mapping[str, List[str]], key: str) -> List[str]:
    return shown.get(key, [""])[0].split()


def _argv(text: str) -> List[str]:
    """Take the command out of `{ path=... ; argv[]=... ; ignore_errors=... }`."""
    return re.findall(r"argv\[\]=(.*?) ; ignore_errors=", text)


def _environment(machine: Machine, shown: Mapping[str, List[str]]) -> Dict[str, str]:
    values: Dict[str, str] = {}
    for text in shown.get("Environment", ()):
        values.update(_assignments(_split(text)))
    for text in shown.get("EnvironmentFiles", ()):
        path = text.partition(" (")[0]
        values.update(_assignments(_lines(machine.read(path) or "")))
    return values


def _lines(text: str) -> List[str]:
    joined = text.replace("\\\n", " ")
    kept = [line.strip() for line in joined.splitlines()]
    return ["".join(_split(line)[:1]) if "=" in line and line.partition("=")[2][:1] in "\"'"
            else line for line in kept if line and line[0] not in "#;"]  # fmt: skip


def _assignments(words: List[str]) -> Dict[str, str]:
    pairs = (word.partition("=") for word in words)
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def _split(text: str) -> List[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _expand(command: str, values: Mapping[str, str]) -> List[str]:
    """Put variables in as systemd does: `$NAME` alone splits into words, `${NAME}` does not."""
    args: List[str] = []
    for word in command.split():
        alone = re.match(r"^\$(\w+)$", word)
        if alone:
            args += _split(values.get(alone.group(1), ""))
        else:
            args.append(_VARIABLE.sub(lambda m: values.get(m.group(1) or m.group(2), ""), word))
    return args


def flags_of(args: List[str]) -> Dict[str, List[str]]:
    """Return dockerd's flags by the name that each has in daemon.json, values in order."""
    found: Dict[str, List[str]] = {}
    index = 1
    while index < len(args):
        word, index = args[index], index + 1
        name, equals, value = word.partition("=")
        if word.startswith("--"):
            name = name[2:]
        elif word.startswith("-") and len(word) > 1:
            name, rest = _SHORT.get(word[1], word[1]), word[2:]
            equals, value = ("=", rest.lstrip("=")) if rest else ("", "")
        else:
            continue
        if not equals and index < len(args) and not args[index].startswith("-"):
            value, index = args[index], index + 1
        found.setdefault(_PLURAL.get(name, name), []).append(value)
    return found
