"""What daemon.json must say: the runtime in it, and the default in exactly one place."""

import copy
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from reconciler.settings import NAME, PROGRAM, Wish

from .docker_rules import (
    MERGED_RUNTIMES,
    Flags,
    Version,
    default_by_flag,
    flag_runtimes,
    refusals,
)

Document = Dict[str, Any]
# `kept` holds what stood in the file before us, by key; None for what was not there. `default`
# tells whether nvidia is the default with these flags and this file.
Decision = NamedTuple(
    "Decision",
    [("document", Document), ("kept", Document), ("problems", List[str]), ("default", bool)],
)


def decide(
    before: Mapping[str, Any],
    kept: Mapping[str, Any],
    flags: Flags,
    wish: Wish,
    version: Optional[Version] = None,
) -> Decision:
    """Return the file's content that makes a wish true beside these flags.

    Keys of others stay as they are. Problems are wishes that the command line contradicts and
    faults that would keep dockerd from starting; with any of the latter the content is the old.
    """
    document: Document = copy.deepcopy(dict(before))
    problems: List[str] = []
    divided = bool(flag_runtimes(flags)) and version is not None and version < MERGED_RUNTIMES
    if divided:
        _leave_runtime_to_flags(document, problems, flags, wish)
    else:
        _register(document, wish)
    _set_default(document, kept, flags, wish, problems, allowed=not divided)
    faults = refusals(document, flags, version)
    if faults:
        return Decision(dict(before), dict(kept), problems + faults, _default(before, flags))
    remembered = _remember(before, document, kept)
    return Decision(document, remembered, problems, _default(document, flags))


def undo(
    before: Mapping[str, Any],
    kept: Mapping[str, Any],
    flags: Flags,
    wish: Optional[Wish],
    version: Optional[Version] = None,
) -> Document:
    """Return the file's content without us.

    What was there before us comes back, unless somebody changed it since. Where dockerd would not
    start then, the default is left out, or the runtime left in: a command line of before us may
    name it.
    """
    ways = [
        _without_us(before, kept, wish, runtime, default)
        for runtime, default in ((True, True), (True, False), (False, True), (False, False))
    ]
    starting = [document for document in ways if not refusals(document, flags, version)]
    return (starting or ways)[0]


def _without_us(
    before: Mapping[str, Any],
    kept: Mapping[str, Any],
    wish: Optional[Wish],
    runtime: bool,
    default: bool,
) -> Document:
    """Put back the runtime's entry and the default, each where that is asked for."""
    document: Document = copy.deepcopy(dict(before))
    runtimes = document.get("runtimes")
    if runtime and "runtime" in kept and isinstance(runtimes, dict):
        if wish is None or same_runtime(runtimes.get(NAME), runtime_entry(wish)):
            _put_back(runtimes, NAME, kept["runtime"])
        if not runtimes and kept.get("made"):
            del document["runtimes"]
    if "default" in kept and document.get("default-runtime") in (None, NAME):
        _put_back(document, "default-runtime", kept["default"] if default else None)
    return document


def runtime_entry(wish: Wish) -> Document:
    """Return the runtime as daemon.json writes it."""
    return {"path": wish.path, "runtimeArgs": list(wish.args)}


def same_runtime(found: Any, wanted: Mapping[str, Any]) -> bool:
    """Tell whether an entry means the same: nvidia-docker2 writes the program's bare name."""
    if not isinstance(found, dict):
        return False
    path, args = found.get("path"), found.get("runtimeArgs") or []
    bare = path == PROGRAM and str(wanted["path"]).endswith("bin/" + PROGRAM)
    return (path == wanted["path"] or bare) and args == wanted["runtimeArgs"]


def _register(document: Document, wish: Wish) -> None:
    runtimes = document.get("runtimes")
    entry = runtime_entry(wish)
    if not isinstance(runtimes, dict):
        document["runtimes"] = {NAME: entry}
    elif not same_runtime(runtimes.get(NAME), entry):
        runtimes[NAME] = entry


def _leave_runtime_to_flags(
    document: Document, problems: List[str], flags: Flags, wish: Wish
) -> None:
    """Before 18.09 dockerd takes runtimes from the flags or from the file, never from both."""
    runtimes = document.get("runtimes")
    if isinstance(runtimes, dict):
        runtimes.pop(NAME, None)
        if not runtimes:
            del document["runtimes"]
    by_flag = flag_runtimes(flags).get(NAME)
    if by_flag != wish.path:
        problems.append(
            "docker before 18.09 takes runtimes from one place, and --add-runtime of its command"
            " line names %s for nvidia; take --add-runtime out of docker's options"
            % (by_flag or "none")
        )


def _set_default(
    document: Document,
    kept: Mapping[str, Any],
    flags: Flags,
    wish: Wish,
    problems: List[str],
    allowed: bool,
) -> None:
    by_flag = default_by_flag(flags)
    if by_flag:
        document.pop("default-runtime", None)
        if wish.default != (by_flag == NAME):
            problems.append(_contradiction(by_flag, wish))
    elif wish.default and allowed:
        document["default-runtime"] = NAME
    elif wish.default:
        problems.append(
            "docker before 18.09 cannot take the default from daemon.json beside --add-runtime;"
            " take --add-runtime out of docker's options"
        )
    elif document.get("default-runtime") == NAME:
        # Before us it may have been another; nvidia itself would be against the wish.
        earlier = kept.get("default")
        _put_back(document, "default-runtime", None if earlier == NAME else earlier)


def _default(document: Mapping[str, Any], flags: Flags) -> bool:
    return (default_by_flag(flags) or document.get("default-runtime")) == NAME


def _contradiction(by_flag: str, wish: Wish) -> str:
    return (
        "default-runtime is %s, but docker's command line sets --default-runtime=%s; change the"
        " principal's docker-opts or docker_runtime, or this option"
        % (str(wish.default).lower(), by_flag)
    )


def _remember(
    before: Mapping[str, Any], after: Mapping[str, Any], kept: Mapping[str, Any]
) -> Document:
    """Keep what a key held before us, once; nothing for keys that we did not change."""
    result = dict(kept)
    old = (before.get("runtimes") or {}).get(NAME)
    if old != (after.get("runtimes") or {}).get(NAME):
        result.setdefault("runtime", old)
        result.setdefault("made", "runtimes" not in before)
    if before.get("default-runtime") != after.get("default-runtime"):
        result.setdefault("default", before.get("default-runtime"))
    return result


def _put_back(mapping: Document, key: str, value: Any) -> None:
    if value is None:
        mapping.pop(key, None)
    else:
        mapping[key] = value
