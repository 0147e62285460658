"""The runtime whose settings `nvidia` takes over, as `nvidia-ctk runtime configure` does.

Without them the containers of the node would change their behaviour: with `SystemdCgroup` missing,
containerd puts them into other cgroups than the kubelet expects.
"""

import json
from typing import Dict, List, Mapping

from reconciler.toml_text import Path, unquote

DEFAULT_TYPE = "io.containerd.runc.v2"
# containerd 1.2 has no second version of runc's shim.
OLDEST_TYPE = "io.containerd.runc.v1"
LINUX_TYPE = "io.containerd.runtime.v1.linux"
_TYPE: Path = ("runtime_type",)
_CONTAINERD: Path = ("containerd",)
_DEFAULT_TABLE: Path = (*_CONTAINERD, "default_runtime")
_RUNTIMES: Path = (*_CONTAINERD, "runtimes")
# The name that containerd itself gives to the runtime of the table `default_runtime`.
_UNNAMED = "default"

Values = Mapping[Path, str]


def nvidia_runtime(values: Values, program: str, default_type: str) -> Dict[Path, str]:
    """Return the keys of the table of the runtime `nvidia`, with their values.

    Args:
        values: The values of the CRI plugin by their paths below its table.
        program: The path of NVIDIA's runtime.
        default_type: The runtime's type where no runtime says it.
    """
    base = _base(values)
    runtime: Dict[Path, str] = {_TYPE: base.pop(_TYPE, json.dumps(default_type))}
    if unquote(runtime[_TYPE]) != LINUX_TYPE:
        runtime.update(base)
        runtime["options", "BinaryName"] = json.dumps(program)
        return runtime
    # The first shim reads other names, and ignores those outside of the options if there are any.
    renamed: Dict[Path, Path] = {
        ("systemd_cgroup",): ("options", "SystemdCgroup"),
        ("runtime_root",): ("options", "RuntimeRoot"),
    }
    base = {**{path: values[path] for path in renamed if path in values}, **base}
    base.pop(("runtime_engine",), None)
    runtime.update({renamed.get(path, path): value for path, value in base.items()})
    runtime["options", "Runtime"] = json.dumps(program)
    return runtime


def program_of(values: Values, name: str) -> str:
    """Return the program of a runtime; empty when the values do not name one."""
    table = (*(_DEFAULT_TABLE if name == _UNNAMED else (*_RUNTIMES, name)), "options")
    text = values.get((*table, "BinaryName")) or values.get((*table, "Runtime")) or '""'
    return unquote(text)


def default_name(values: Values) -> str:
    """Return the name of the default runtime; empty when the values do not name one."""
    if unquote(values.get(_DEFAULT_TABLE + _TYPE, "")):
        return _UNNAMED
    return unquote(values.get((*_CONTAINERD, "default_runtime_name"), ""))


def uses_systemd(values: Values, name: str) -> bool:
    """Return whether a runtime puts its containers into cgroups of systemd."""
    return values.get((*_RUNTIMES, name, "options", "SystemdCgroup")) == "true"


def _base(values: Values) -> Dict[Path, str]:
    """Return the keys of the default runtime, or of runc or crun; none where there is neither.

    A default runtime of another kind, such as Kata Containers, cannot run NVIDIA's program.
    """
    name = default_name(values)
    tables: List[Path] = [(*_RUNTIMES, name) for name in (name, "runc", "crun")]
    if name == _UNNAMED:
        tables[0] = _DEFAULT_TABLE
    for table in tables:
        runtime = _below(values, table)
        if runtime and not table[-1].startswith("nvidia") and _is_runc(runtime):
            return runtime
    return {}


def _is_runc(runtime: Values) -> bool:
    kind = unquote(runtime.get(_TYPE, ""))
    return not kind or kind == LINUX_TYPE or kind.startswith("io.containerd.runc.")


def _below(values: Values, table: Path) -> Dict[Path, str]:
    """Return the keys below a table; those of an inline table stand beside it in the values."""
    size = len(table)
    return {
        path[size:]: value
        for path, value in values.items()
        if path[:size] == table and not value.startswith("{")
    }
