"""The text of a containerd file: the runtime's table, and the line that sets the default.

The file is edited as text instead of being written anew, so that everything else in it stays.
"""

import json
import re
from typing import List, Mapping, NamedTuple, Optional, Tuple

from labcharm.documents import parse_json
from reconciler.settings import RUNTIME_NAME, RuntimeSettings
from reconciler.toml_text import Entry, Path, entries, join

BEGIN = "# nvidia-runtime: begin (written before each start of containerd; do not edit)\n"
END = "# nvidia-runtime: end\n"
# Not beyond another beginning: what follows a block whose end somebody removed is not the charm's.
_BLOCK = re.compile(rf"{re.escape(BEGIN)}(?:(?!{re.escape(BEGIN)}).)*?{re.escape(END)}", re.DOTALL)
_MARK = "  # by nvidia-runtime"
_REPLACED = _MARK + ", before: "
_DEFAULT_NAME: Path = ("default_runtime_name",)
_DEFAULT_TABLE: Path = ("default_runtime",)
_Replacement = Tuple[int, int, str]


class Edit(NamedTuple):
    """The new text of the file, and what prevents the settings from taking effect."""

    text: str
    problems: List[str]


class Target(NamedTuple):
    """Where the runtime is registered.

    Attributes:
        path: The file's path.
        plugin: The path of the CRI plugin's table.
        knows_default_name: Whether containerd reads `default_runtime_name`; before 1.3 it reads
            the table `default_runtime` instead.
    """

    path: str
    plugin: Path
    knows_default_name: bool = True


def edit(
    text: str, target: Target, runtime: Mapping[Path, str], settings: RuntimeSettings
) -> Edit:
    """Return the file's text with the runtime registered.

    The charm owns one marked block at the end and marked lines for the default; all other lines
    stay. Lines that set another default are kept in the marked lines, as a comment, so that they
    can be restored.

    Args:
        text: The file's text, with or without earlier edits.
        target: The file, and the table in it.
        runtime: The keys of the runtime's table and their values.
        settings: Whether the runtime is the default.
    """
    original = _with_newline(remove_edits(text))
    containerd = (*target.plugin, "containerd")
    listed = entries(original)
    closed = _closed_table(listed, containerd)
    if closed:
        return Edit(text, [f"{target.path}: {closed} cannot be extended; write it as [table]"])
    replacements: List[_Replacement] = []
    if settings.is_default:
        replacements = _masked(original, listed, containerd + _DEFAULT_TABLE)
        if target.knows_default_name:
            replacements.append(_default_line(original, listed, containerd))
    block = _block(containerd, runtime, settings.is_default and not target.knows_default_name)
    return Edit(_replace(original, replacements) + block, [])


def remove_edits(text: str) -> str:
    """Return the text without the charm's block and lines, and with the default they replaced."""
    lines = [_restored(line) for line in _BLOCK.sub("", text).splitlines(True)]
    return "".join(lines)


def _restored(line: str) -> str:
    """Return the lines that the charm replaced by this one; empty where it replaced none."""
    if _MARK not in line:
        return line
    try:
        return str(parse_json(line.partition(_REPLACED)[2]))
    except ValueError:  # it replaced none, or somebody damaged the comment
        return ""


def _closed_table(listed: List[Entry], containerd: Path) -> str:
    """Return the table of containerd's settings if TOML does not let the charm add to it.

    No header may follow for an inline table, or for a table that dotted keys define.
    """
    header: Path = ()
    has_default = any(entry.path == containerd + _DEFAULT_NAME for entry in listed)
    runtimes = (*containerd, "runtimes")
    for entry in listed:
        if entry.is_header:
            header = entry.path
        elif entry.value.startswith("{") and entry.path == runtimes[: len(entry.path)]:
            return f"the inline table {join(entry.path)}"
        elif _is_below(entry, containerd) and len(header) < len(containerd) and not has_default:
            return f"the table {join(containerd)} of dotted keys"
    return ""


def _block(containerd: Path, runtime: Mapping[Path, str], with_default_table: bool) -> str:
    tables: List[Path] = [(*containerd, "runtimes", RUNTIME_NAME)]
    if with_default_table:
        tables.append(containerd + _DEFAULT_TABLE)
    return BEGIN + "".join(_table(table, runtime) for table in tables) + END


def _table(table: Path, runtime: Mapping[Path, str]) -> str:
    lines = [f"[{join(table)}]"]
    lines += [f"  {join(path)} = {runtime[path]}" for path in runtime if path[0] != "options"]
    lines.append(f"  [{join((*table, 'options'))}]")
    options = sorted(path for path in runtime if path[0] == "options")
    lines += [f"    {join(path[1:])} = {runtime[path]}" for path in options]
    return "\n".join(lines) + "\n"


def _with_newline(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _masked(text: str, listed: List[Entry], table: Path) -> List[_Replacement]:
    """Return the replacements that turn a table into comments."""
    places = sorted({(entry.start, entry.end) for entry in listed if _is_below(entry, table)})
    return [(start, end, f"{_REPLACED}{json.dumps(text[start:end])}\n") for start, end in places]


def _is_below(entry: Entry, table: Path) -> bool:
    return entry.path[: len(table)] == table


def _default_line(text: str, listed: List[Entry], containerd: Path) -> _Replacement:
    """Return the replacement that makes the runtime the default."""
    name = _find(listed, containerd + _DEFAULT_NAME, is_header=False)
    marked = f' = "{RUNTIME_NAME}"{_MARK}'
    if name is not None:
        replaced = text[name.start : name.end]
        key = replaced.partition("=")[0].rstrip()
        return name.start, name.end, f"{key}{marked}, before: {json.dumps(replaced)}\n"
    line = f"  {_DEFAULT_NAME[0]}{marked}\n"
    header = _find(listed, containerd, is_header=True)
    if header is None:
        # The header is marked too, so that it is removed with the line.
        return len(text), len(text), f"[{join(containerd)}]{_MARK}\n{line}"
    return header.end, header.end, line


def _find(listed: List[Entry], path: Path, is_header: bool) -> Optional[Entry]:
    matches = (entry for entry in listed if entry.path == path and entry.is_header == is_header)
    return next(matches, None)


def _replace(text: str, replacements: List[_Replacement]) -> str:
    for start, end, new in sorted(replacements, reverse=True):
        text = text[:start] + new + text[end:]
    return text
