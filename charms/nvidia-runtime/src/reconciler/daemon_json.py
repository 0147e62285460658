"""The content of daemon.json: the runtime in it, and the default in exactly one place."""

import copy
from typing import List, NamedTuple, Optional

from labcharm.json_types import JsonObject
from reconciler.daemon_rules import (
    MERGED_RUNTIMES,
    Flags,
    Version,
    default_by_flag,
    flag_runtimes,
    refusals,
)
from reconciler.settings import RUNTIME_NAME, RUNTIME_PROGRAM, RuntimeSettings


class Decision(NamedTuple):
    """What daemon.json is to hold.

    Attributes:
        document: The file's content.
        original: What the file held before the charm changed it, by key: "runtime", "default",
            and "made" (whether the charm added `runtimes`). None stands for a key that did not
            exist.
        problems: Contradictions by the command line, and faults that keep dockerd from starting.
        is_default: Whether nvidia is the default with these flags and this file.
    """

    document: JsonObject
    original: JsonObject
    problems: List[str]
    is_default: bool


def decide(
    before: JsonObject,
    original: JsonObject,
    flags: Flags,
    settings: RuntimeSettings,
    version: Optional[Version] = None,
) -> Decision:
    """Return the file's content that puts the settings into effect beside these flags.

    All keys but `runtimes.nvidia` and `default-runtime` stay as they are. If the new content has a
    fault that would keep dockerd from starting, the old content is returned.
    """
    document: JsonObject = copy.deepcopy(dict(before))
    problems: List[str] = []
    flags_win = bool(flag_runtimes(flags)) and version is not None and version < MERGED_RUNTIMES
    if flags_win:
        problems += _leave_runtime_to_flags(document, flags, settings)
    else:
        _register(document, settings)
    problems += _set_default(document, original, flags, settings, file_may=not flags_win)
    faults = refusals(document, flags, version)
    if faults:
        return Decision(
            dict(before), dict(original), problems + faults, _is_default(before, flags)
        )
    updated = _updated_original(before, document, original)
    return Decision(document, updated, problems, _is_default(document, flags))


def undo(
    before: JsonObject,
    original: JsonObject,
    flags: Flags,
    settings: Optional[RuntimeSettings],
    version: Optional[Version] = None,
) -> JsonObject:
    """Return the file's content without the charm.

    What the charm replaced is restored, unless it was changed since. If dockerd would not start
    with that content, the default is left out or the runtime stays, because a command line from
    before the charm may name it.
    """
    candidates = [
        _restored(before, original, settings, restore_runtime, restore_default)
        for restore_runtime in (True, False)
        for restore_default in (True, False)
    ]
    accepted = [document for document in candidates if not refusals(document, flags, version)]
    return (accepted or candidates)[0]


def _restored(
    before: JsonObject,
    original: JsonObject,
    settings: Optional[RuntimeSettings],
    restore_runtime: bool,
    restore_default: bool,
) -> JsonObject:
    """Return the content with the runtime's entry and the default restored, as asked for."""
    document: JsonObject = copy.deepcopy(dict(before))
    if restore_runtime and "runtime" in original:
        _restore_runtime(document, original, settings)
    if "default" in original and document.get("default-runtime") in (None, RUNTIME_NAME):
        default = original["default"] if restore_default else None
        _put_or_remove(document, "default-runtime", default)
    return document


def _restore_runtime(
    document: JsonObject, original: JsonObject, settings: Optional[RuntimeSettings]
) -> None:
    runtimes = document.get("runtimes")
    if not isinstance(runtimes, dict):
        return
    if settings is None or same_runtime(runtimes.get(RUNTIME_NAME), runtime_entry(settings)):
        _put_or_remove(runtimes, RUNTIME_NAME, original["runtime"])
    if not runtimes and original.get("made"):
        del document["runtimes"]


def runtime_entry(settings: RuntimeSettings) -> JsonObject:
    """Return the runtime's entry as daemon.json holds it."""
    return {"path": settings.path, "runtimeArgs": list(settings.args)}


def same_runtime(entry: object, expected: JsonObject) -> bool:
    """Return whether two entries mean the same: nvidia-docker2 writes the program's bare name."""
    if not isinstance(entry, dict):
        return False
    path, args = entry.get("path"), entry.get("runtimeArgs") or []
    is_bare_name = path == RUNTIME_PROGRAM and str(expected["path"]).endswith(
        f"bin/{RUNTIME_PROGRAM}"
    )
    return (path == expected["path"] or is_bare_name) and args == expected["runtimeArgs"]


def _register(document: JsonObject, settings: RuntimeSettings) -> None:
    runtimes = document.get("runtimes")
    entry = runtime_entry(settings)
    if not isinstance(runtimes, dict):
        document["runtimes"] = {RUNTIME_NAME: entry}
    elif not same_runtime(runtimes.get(RUNTIME_NAME), entry):
        runtimes[RUNTIME_NAME] = entry


def _leave_runtime_to_flags(
    document: JsonObject, flags: Flags, settings: RuntimeSettings
) -> List[str]:
    """Remove the runtime from the file, and return what is wrong with the command line's.

    Before 18.09 dockerd takes runtimes from the flags or from the file, never from both.
    """
    runtimes = document.get("runtimes")
    if isinstance(runtimes, dict):
        runtimes.pop(RUNTIME_NAME, None)
        if not runtimes:
            del document["runtimes"]
    path = flag_runtimes(flags).get(RUNTIME_NAME)
    if path == settings.path:
        return []
    return [
        f"--add-runtime names {path or 'nothing'} for nvidia;"
        " before docker 18.09, remove --add-runtime from docker's options"
    ]


def _set_default(
    document: JsonObject,
    original: JsonObject,
    flags: Flags,
    settings: RuntimeSettings,
    file_may: bool,
) -> List[str]:
    """Put the default where it belongs; return what prevents that.

    Args:
        document: The file's content, which is changed.
        original: What the file held before the charm changed it.
        flags: dockerd's flags.
        settings: The runtime.
        file_may: Whether the file may name nvidia as the default.
    """
    flag = default_by_flag(flags)
    if flag:
        document.pop("default-runtime", None)
        agrees = settings.is_default == (flag == RUNTIME_NAME)
        return [] if agrees else [_contradiction(flag)]
    if settings.is_default and not file_may:
        return [
            "docker before 18.09 takes no default from daemon.json beside --add-runtime;"
            " remove --add-runtime from its options"
        ]
    if settings.is_default:
        document["default-runtime"] = RUNTIME_NAME
    elif document.get("default-runtime") == RUNTIME_NAME:
        # The original default may be another runtime; nvidia would contradict the settings.
        default = original.get("default")
        _put_or_remove(document, "default-runtime", None if default == RUNTIME_NAME else default)
    return []


def _is_default(document: JsonObject, flags: Flags) -> bool:
    return (default_by_flag(flags) or document.get("default-runtime")) == RUNTIME_NAME


def _contradiction(flag: str) -> str:
    """Return the problem of a default on the command line: the principal's options set it."""
    return (
        f"docker's command line sets --default-runtime={flag};"
        " change docker-opts or docker_runtime, or default-runtime"
    )


def _updated_original(before: JsonObject, after: JsonObject, original: JsonObject) -> JsonObject:
    """Return the original content, with that of keys which are now changed for the first time."""
    updated = dict(original)
    runtime = (before.get("runtimes") or {}).get(RUNTIME_NAME)
    if runtime != (after.get("runtimes") or {}).get(RUNTIME_NAME):
        updated.setdefault("runtime", runtime)
        updated.setdefault("made", "runtimes" not in before)
    if before.get("default-runtime") != after.get("default-runtime"):
        updated.setdefault("default", before.get("default-runtime"))
    return updated


def _put_or_remove(mapping: JsonObject, key: str, entry: object) -> None:
    if entry is None:
        mapping.pop(key, None)
    else:
        mapping[key] = entry
