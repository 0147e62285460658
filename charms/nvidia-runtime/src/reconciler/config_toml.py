"""The text of containerd's config.toml: the runtime's table, and the line that sets the default.

The file is edited as text instead of being parsed, for two reasons. containerd 1.x replaces the
whole section of a plugin by an imported one, so a drop-in file would lose the principal's
registries. And the system's python3 of Ubuntu 18.04 to 22.04 has no TOML parser.
"""

import json
import re
from typing import List, NamedTuple, Tuple

from reconciler.settings import RUNTIME_NAME, RuntimeSettings

FILE = "/etc/containerd/config.toml"
BEGIN = "# nvidia-runtime: begin (written before each start of containerd; do not edit)\n"
END = "# nvidia-runtime: end\n"
_BLOCK = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
_MARK = "  # by nvidia-runtime"
_REPLACED = _MARK + ", before: "
_DEFAULT = re.compile(r"^([ \t]*)default_runtime_name[ \t]*=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_VERSION = re.compile(r"^[ \t]*version[ \t]*=[ \t]*(\d+)", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
# The CRI plugin's table by the file's version (containerd docs, config versions 1 to 3).
_PLUGINS = {
    1: "plugins.cri",
    2: 'plugins."io.containerd.grpc.v1.cri"',
    3: "plugins.'io.containerd.cri.v1.runtime'",
}


class Edit(NamedTuple):
    """The new text of the file, and what prevents the settings from taking effect."""

    text: str
    problems: List[str]


def edit(text: str, settings: RuntimeSettings) -> Edit:
    """Return the file's text with the runtime registered.

    The charm owns one marked block at the end and one marked line for the default; all other lines
    stay. A line that sets another default is kept in the marked line, as a comment, so that it can
    be restored.
    """
    original = remove_edits(text)
    match = _VERSION.search(original)
    version = int(match.group(1)) if match else 1
    plugin = _PLUGINS.get(version)
    if plugin is None:
        return Edit(text, [f"{FILE} has version {version}; this charm edits versions 1 to 3"])
    if _has_table(original, f"{plugin}.containerd.runtimes.{RUNTIME_NAME}"):
        return Edit(text, _conflicts(original, settings))
    if settings.is_default:
        original = _with_default(original, f"{plugin}.containerd")
    return Edit(_with_newline(original) + _block(plugin, settings), [])


def _conflicts(text: str, settings: RuntimeSettings) -> List[str]:
    """Return the problem with a runtime `nvidia` that the charm did not write, if there is one."""
    match = _DEFAULT.search(text)
    default = match.group(2).strip("\"'") if match else ""
    if default.startswith(RUNTIME_NAME) == settings.is_default:
        return []
    return [f"{FILE} defines a runtime nvidia that is not this charm's; remove it from the file"]


def remove_edits(text: str) -> str:
    """Return the text without the charm's block and lines, and with the default they replaced."""
    lines = [_restored(line) for line in _BLOCK.sub("", text).splitlines(True)]
    return "".join(lines)


def _restored(line: str) -> str:
    """Return the line that the charm replaced by this one; empty where it replaced none."""
    if _MARK not in line:
        return line
    replaced = line.partition(_REPLACED)[2]
    return str(json.loads(replaced)) if replaced else ""


def _block(plugin: str, settings: RuntimeSettings) -> str:
    table = f"{plugin}.containerd.runtimes.{RUNTIME_NAME}"
    lines = [
        f"[{table}]",
        '  runtime_type = "io.containerd.runc.v2"',
        f"  [{table}.options]",
        f"    BinaryName = {json.dumps(settings.path)}",
    ]
    return BEGIN + "\n".join(lines) + "\n" + END


def _pattern(table: str) -> str:
    """Return a pattern for a table's header, with any quotes and spaces."""
    parts = re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", table)
    names = (re.escape(part.strip("\"'")) for part in parts)
    path = r"\s*\.\s*".join(f"[\"']?{name}[\"']?" for name in names)
    return rf"^[ \t]*\[\s*{path}\s*\][^\n]*\n"


def _has_table(text: str, table: str) -> bool:
    return re.search(_pattern(table), text + "\n", re.MULTILINE) is not None


def _with_newline(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _with_default(text: str, table: str) -> str:
    """Return the text with the charm's line for the default in this table."""
    marked = f'default_runtime_name = "{RUNTIME_NAME}"{_MARK}'
    header = re.search(_pattern(table), text, re.MULTILINE)
    if header is None:
        # The header is marked too, so that it is removed with the line.
        return f"{_with_newline(text)}[{table}]{_MARK}\n  {marked}\n"
    start, end = _body(text, header.end())
    match = _DEFAULT.search(text[start:end])
    if match is None:
        return f"{text[:start]}  {marked}\n{text[start:]}"
    replaced = json.dumps(match.group(0) + "\n")
    line = f"{match.group(1)}{marked}, before: {replaced}"
    return text[: start + match.start()] + line + text[start + match.end() :]


def _body(text: str, start: int) -> Tuple[int, int]:
    """Return where the table's body starts and ends: at the next table's header."""
    header = _TABLE.search(text, start)
    return start, header.start() if header else len(text)
