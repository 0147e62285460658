"""Reconcile containerd's configuration on a machine: read, decide, write only the difference."""

import json
import re
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional

from labcharm.machine import Machine
from reconciler.base_runtime import (
    DEFAULT_TYPE,
    OLDEST_TYPE,
    default_name,
    nvidia_runtime,
    program_of,
    uses_systemd,
)
from reconciler.config_toml import Target, edit, remove_edits
from reconciler.cri_files import (
    NEW_VERSION,
    NEWEST_VERSION,
    CriFile,
    effective_files,
    last_with_plugin,
    merged_values,
    read_files,
)
from reconciler.daemon_rules import Version
from reconciler.docker import Outcome
from reconciler.installation import DISTRIBUTION, Installation
from reconciler.settings import (
    RUNTIME_NAME,
    STATE_DIRECTORY,
    RuntimeSettings,
    find_program,
    parse_object,
)
from reconciler.toml_text import Path

_EMPTY = f"version = {NEW_VERSION}\n"
# The first release with `default_runtime_name`, and with the second version of runc's shim.
_WITH_DEFAULT_NAME: Version = (1, 3)


class Plan(NamedTuple):
    """What a reconciliation will write.

    Attributes:
        texts: The new text of each file that changes.
        problems: What prevents the settings from taking effect.
        is_default: Whether nvidia is the default once containerd has read its files.
        record: The files that hold edits, and whether the charm made the first of them.
    """

    texts: Dict[str, str]
    problems: List[str]
    is_default: bool
    record: Mapping[str, object]


def reconcile(
    machine: Machine,
    settings: RuntimeSettings,
    environment: Mapping[str, str],
    installation: Installation = DISTRIBUTION,
) -> Outcome:
    """Register the runtime in containerd's files; see `config_toml.edit`."""
    planned = plan(machine, settings, environment, installation)
    if planned.texts and planned.record:
        # Written first: if this process dies in between, the edited files are on record.
        record = json.dumps(planned.record, sort_keys=True) + "\n"
        machine.write(record_file(installation), record, 0o600)
    written = [machine.write(path, text) for path, text in planned.texts.items()]
    return Outcome(any(written), planned.problems, planned.is_default)


def plan(
    machine: Machine,
    settings: RuntimeSettings,
    environment: Mapping[str, str],
    installation: Installation,
) -> Plan:
    """Decide what to write, without writing it.

    Args:
        machine: The machine on which containerd runs.
        settings: The runtime. If its program is missing, nvidia is not made the default.
        environment: The variables that systemd passes to the unit's programs; empty elsewhere.
        installation: The installation of containerd.
    """
    if settings.args:
        return Plan({}, ["runtime-args works with docker only; clear it"], False, {})
    if not find_program(machine, settings.path):
        settings = settings._replace(is_default=False)
    files = read_files(machine, installation.config_file(machine, environment))
    if files[0].text is None and installation.args_file:
        return Plan({}, [], False, {})  # the snap makes its file when the node joins a cluster
    if files[0].version > NEWEST_VERSION:
        rule = f"has version {files[0].version}; this charm edits versions 1 to {NEWEST_VERSION}"
        return Plan({}, [f"{files[0].path} {rule}"], False, {})
    record = _record(machine, installation)
    return _plan(files, settings, record, lambda: containerd_version(machine, installation))


def _plan(
    files: List[CriFile],
    settings: RuntimeSettings,
    record: Mapping[str, object],
    version_of: Callable[[], Optional[Version]],
) -> Plan:
    # The program takes its time, and its version matters only to old files and to several files.
    version = version_of() if files[0].version == 1 or _are_several(files) else None
    effective = effective_files(files, version)
    values = merged_values(effective)
    foreign = [
        file for file in effective if file.has_table("containerd", "runtimes", RUNTIME_NAME)
    ]
    if foreign:
        problems = _conflicts(foreign[0].path, values, settings)
        texts = _differing(files, {file.path: file.original for file in files})
        return Plan(texts, problems, settings.is_default and not problems, {})
    file = last_with_plugin(files)
    is_old = version is not None and version < _WITH_DEFAULT_NAME
    runtime = nvidia_runtime(values, settings.path, OLDEST_TYPE if is_old else DEFAULT_TYPE)
    target = Target(file.path, file.plugin, not is_old)
    edited = edit(file.original, target, runtime, settings)
    if edited.problems:
        return Plan({}, edited.problems, False, {})
    originals = {file.path: file.original for file in files}
    texts = _differing(files, {**originals, file.path: edited.text})
    is_made = files[0].text is None or bool(record.get("made"))
    paths = sorted({*_recorded_files(record), file.path})
    return Plan(texts, [], settings.is_default, {"files": paths, "made": is_made})


def _are_several(files: List[CriFile]) -> bool:
    return files[0].version < 3 and sum(file.has_table() for file in files) > 1


def _differing(files: List[CriFile], texts: Mapping[str, str]) -> Dict[str, str]:
    return {
        file.path: texts[file.path]
        for file in files
        if texts[file.path] not in (file.text, _EMPTY if file.text is None else None)
    }


def _conflicts(path: str, values: Mapping[Path, str], settings: RuntimeSettings) -> List[str]:
    """Return the problem with a runtime `nvidia` that the charm did not write, if there is one."""
    default = default_name(values) or "runc"
    base = "runc" if default.startswith(RUNTIME_NAME) else default
    program = program_of(values, RUNTIME_NAME)
    if default.startswith(RUNTIME_NAME) != settings.is_default:
        problem = f"the default is {default}"
    elif program != settings.path:
        problem = f"set runtime-path to use {program}" if program else "it has no BinaryName"
    elif uses_systemd(values, base) and not uses_systemd(values, RUNTIME_NAME):
        problem = f"it lacks SystemdCgroup of {base}"
    else:
        return []
    return [f"remove the runtime nvidia from {path} (not this charm's; {problem})"]


def restore(machine: Machine, installation: Installation = DISTRIBUTION) -> bool:
    """Restore containerd's files to their content without the charm; return if one changed."""
    main = installation.config_file(machine, {})
    record = _record(machine, installation)
    made = main if record.get("made") else ""
    paths = _recorded_files(record) + [file.path for file in read_files(machine, main)]
    changed = [_restore(machine, path, path == made) for path in sorted(set(paths))]
    machine.remove(record_file(installation))
    return any(changed)


def _restore(machine: Machine, path: str, is_made: bool) -> bool:
    text = machine.read(path)
    if text is None:
        return False
    restored = remove_edits(text)
    if is_made and restored.strip() == _EMPTY.strip():
        return machine.remove(path)
    return restored != text and machine.write(path, restored)


def edited_files(machine: Machine, installation: Installation) -> List[str]:
    """Return the files that a reconciliation may change."""
    main = installation.config_file(machine, {})
    paths = [file.path for file in read_files(machine, main)]
    return sorted({*_recorded_files(_record(machine, installation)), *paths})


def record_file(installation: Installation) -> str:
    """Return the file that names what the charm has edited."""
    return f"{STATE_DIRECTORY}/{installation.name}-before.json"


def _record(machine: Machine, installation: Installation) -> Mapping[str, object]:
    return parse_object(machine.read(record_file(installation))) or {}


def _recorded_files(record: Mapping[str, object]) -> List[str]:
    files = record.get("files")
    return [str(path) for path in files] if isinstance(files, list) else []


def containerd_version(machine: Machine, installation: Installation) -> Optional[Version]:
    """Return containerd's version as two numbers; None when it prints none."""
    command = [installation.program("containerd"), "--version"]
    match = re.search(r"\bv?(\d+)\.(\d+)\.\d+", machine.run(command, timeout=1).out)
    return (int(match.group(1)), int(match.group(2))) if match else None
