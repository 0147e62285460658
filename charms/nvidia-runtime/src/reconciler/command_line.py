"""The command line with which systemd really starts a daemon."""

import re
import shlex
from typing import Dict, List, Mapping, Match, NamedTuple, Tuple

from labcharm.machine import Machine

_PROPERTIES = (
    "LoadState,ActiveState,ExecStart,Environment,EnvironmentFiles,FragmentPath,DropInPaths"
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
# Keys of daemon.json whose name differs from the flag's (moby, cmd/dockerd/config.go and
# daemon/config).
_FILE_KEYS = {
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
_SHORT_FLAGS = {
    "H": "host",
    "D": "debug",
    "G": "group",
    "b": "bridge",
    "g": "data-root",
    "l": "log-level",
    "p": "pidfile",
    "s": "storage-driver",
}


class Unit(NamedTuple):
    """A systemd unit.

    Attributes:
        is_loaded: Whether systemd has loaded it.
        state: Its active state, such as "active" or "failed".
        args: Its effective command line, with variables expanded.
        fragments: The paths of the unit file and its drop-ins.
    """

    is_loaded: bool
    state: str
    args: List[str]
    fragments: List[str]


def read_unit(machine: Machine, name: str, environment: Mapping[str, str]) -> Unit:
    """Return a unit as systemd sees it.

    Args:
        machine: The machine on which it runs.
        name: The name of the unit.
        environment: Variables that take precedence over the unit's own: those that systemd passes
            to a program of the unit. Empty elsewhere; the unit's environment files are then read.
    """
    properties: Dict[str, List[str]] = {}
    command = ["systemctl", "show", "--property", _PROPERTIES, name]
    for line in machine.run(command, timeout=10).out.splitlines():
        key, _, text = line.partition("=")
        properties.setdefault(key, []).append(text)
    variables = _environment(machine, properties)
    variables.update(environment)
    commands = [argv for text in properties.get("ExecStart", ()) for argv in _argv(text)]
    return Unit(
        _words(properties, "LoadState") == ["loaded"],
        "".join(_words(properties, "ActiveState")),
        _expand(commands[-1], variables) if commands else [],
        [path for key in ("FragmentPath", "DropInPaths") for path in _words(properties, key)],
    )


def _words(properties: Mapping[str, List[str]], key: str) -> List[str]:
    return properties.get(key, [""])[0].split()


def _argv(text: str) -> List[str]:
    """Return the command in `{ path=... ; argv[]=... ; ignore_errors=... }`."""
    return re.findall(r"argv\[\]=(.*?) ; ignore_errors=", text)


def _environment(machine: Machine, properties: Mapping[str, List[str]]) -> Dict[str, str]:
    variables: Dict[str, str] = {}
    for text in properties.get("Environment", ()):
        variables.update(_assignments(_split(text)))
    for text in properties.get("EnvironmentFiles", ()):
        path = text.partition(" (")[0]
        variables.update(_assignments(_environment_lines(machine.read(path) or "")))
    return variables


def _environment_lines(text: str) -> List[str]:
    """Return the assignments in an environment file, without comments and quotes."""
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines()]
    return [_unquoted(line) for line in lines if line and line[0] not in "#;"]


def _unquoted(line: str) -> str:
    is_quoted = "=" in line and line.partition("=")[2][:1] in "\"'"
    return "".join(_split(line)[:1]) if is_quoted else line


def _assignments(words: List[str]) -> Dict[str, str]:
    pairs = (word.partition("=") for word in words)
    return {name.strip(): text.strip() for name, equals, text in pairs if equals}


def _split(text: str) -> List[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _expand(command: str, variables: Mapping[str, str]) -> List[str]:
    """Expand variables as systemd does: `$NAME` alone splits into words, `${NAME}` does not."""
    args: List[str] = []
    for word in command.split():
        variable = re.match(r"^\$(\w+)$", word)
        if variable:
            args += _split(variables.get(variable.group(1), ""))
        else:
            args.append(_VARIABLE.sub(lambda match: _variable(match, variables), word))
    return args


def _variable(match: Match[str], variables: Mapping[str, str]) -> str:
    return variables.get(match.group(1) or match.group(2), "")


def flags_of(args: List[str]) -> Dict[str, List[str]]:
    """Return dockerd's flags by the name that each has in daemon.json, their values in order."""
    flags: Dict[str, List[str]] = {}
    index = 1
    while index < len(args):
        word, index = args[index], index + 1
        if word == "-" or not word.startswith("-"):
            continue
        name, equals, text = _split_flag(word)
        if not equals and index < len(args) and not args[index].startswith("-"):
            text, index = args[index], index + 1
        flags.setdefault(_FILE_KEYS.get(name, name), []).append(text)
    return flags


def _split_flag(word: str) -> Tuple[str, str, str]:
    """Return a flag's long name, "=" where a value is attached to the flag, and that value."""
    name, equals, text = word.partition("=")
    if word.startswith("--"):
        return name[2:], equals, text
    name, text = _SHORT_FLAGS.get(word[1], word[1]), word[2:]
    return (name, "=", text.lstrip("=")) if text else (name, "", "")
