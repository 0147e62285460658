"""Put containerd's config.toml right: the runtime's table, and the default's line.

The file is edited as text and not read into a document: containerd 1.x replaces a whole plugin's
section by an imported one (so a drop-in would lose the principal's registries), and the system's
python3 of 18.04 to 22.04 reads no TOML.
"""

import json
import re
from typing import List, Mapping, NamedTuple, Optional

from labcharm.machine import Machine
from reconciler.settings import HOME, NAME, Wish, find_program, parse

from .docker import Outcome

FILE = "/etc/containerd/config.toml"
KEPT = HOME + "/containerd-before.json"
UNIT = "containerd.service"
BEGIN = "# nvidia-runtime: begin (written before each start of containerd; do not edit)\n"
END = "# nvidia-runtime: end\n"
_BLOCK = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
_MARK = "  # by nvidia-runtime"
_DEFAULT = re.compile(r"^([ \t]*)default_runtime_name[ \t]*=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
# The CRI plugin's table by the file's version (containerd docs, config versions 1 to 3).
_PLUGINS = {
    1: "plugins.cri",
    2: 'plugins."io.containerd.grpc.v1.cri"',
    3: "plugins.'io.containerd.cri.v1.runtime'",
}

Edit = NamedTuple("Edit", [("text", str), ("problems", List[str])])


def edit(text: str, wish: Wish) -> Edit:
    """Return the file's text that makes a wish true.

    Ours is one marked block at the end and one marked line for the default; lines of others stay.
    A line that sets another default is kept behind ours as a comment and comes back with it.
    """
    plain = take_out(text)
    version = re.search(r"^[ \t]*version[ \t]*=[ \t]*(\d+)", plain, re.MULTILINE)
    number = int(version.group(1)) if version else 1
    plugin = _PLUGINS.get(number)
    if plugin is None:
        return Edit(text, ["%s has version %d, which is not known here" % (FILE, number)])
    if _has_table(plain, plugin + ".containerd.runtimes." + NAME):
        found = "%s holds a runtime nvidia that is not this charm's; take it out there" % FILE
        return Edit(text, [found] if not wish_met(plain, wish) else [])
    if wish.default:
        plain = _with_default(plain, plugin + ".containerd")
    separator = "" if not plain or plain.endswith("\n") else "\n"
    return Edit(plain + separator + _block(plugin, wish, number), [])


def wish_met(text: str, wish: Wish) -> bool:
    """Tell whether another's configuration of the runtime serves the wish as it is."""
    found = _DEFAULT.search(text)
    default = bool(found) and found.group(2).strip("\"'").startswith(NAME) if found else False
    return default == wish.default


def take_out(text: str) -> str:
    """Return the text without us, and with what our default replaced."""
    lines = []
    for line in _BLOCK.sub("", text).splitlines(True):
        if _MARK in line:
            before = line.partition(_MARK + ", before: ")[2]
            if not before:
                continue
            line = json.loads(before)
        lines.append(line)
    return "".join(lines)


def _block(plugin: str, wish: Wish, number: int) -> str:
    table = "%s.containerd.runtimes.%s" % (plugin, NAME)
    lines = [
        "[%s]" % table,
        '  runtime_type = "io.containerd.runc.v2"',
        "  [%s.options]" % table,
        "    BinaryName = %s" % json.dumps(wish.path),
    ]
    return BEGIN + "\n".join(lines) + "\n" + END


def _pattern(table: str) -> str:
    """Match a table's header whatever quotes and spaces it is written with."""
    parts = re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", table)
    names = (part.strip("\"'") for part in parts)
    inner = r"\s*\.\s*".join("[\"']?%s[\"']?" % re.escape(name) for name in names)
    return r"^[ \t]*\[\s*%s\s*\][^\n]*\n" % inner


def _has_table(text: str, table: str) -> bool:
    return re.search(_pattern(table), text + "\n", re.MULTILINE) is not None


def _with_default(text: str, table: str) -> str:
    ours = 'default_runtime_name = "%s"%s' % (NAME, _MARK)
    header = re.search(_pattern(table), text, re.MULTILINE)
    if header is None:
        separator = "" if not text or text.endswith("\n") else "\n"
        # The header is ours too, and goes with us.
        return text + separator + "[%s]%s\n  %s\n" % (table, _MARK, ours)
    start = header.end()
    following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, start)
    end = following.start() if following else len(text)
    body = text[start:end]
    found = _DEFAULT.search(body)
    if found is None:
        return text[:start] + "  " + ours + "\n" + text[start:]
    line = found.group(0) + "\n"
    marked = "%s%s, before: %s" % (found.group(1), ours, json.dumps(line))
    return text[:start] + body[: found.start()] + marked + body[found.end() :] + text[end:]


def reconcile(machine: Machine, wish: Wish, environment: Mapping[str, str]) -> Outcome:
    """Make config.toml say what the wish needs; see `edit`."""
    text = machine.read(FILE)
    if not find_program(machine, wish.path):
        wish = wish._replace(default=False)
    if wish.args:
        return Outcome(False, ["runtime-args are docker's; containerd takes none"], False)
    if text is None:
        machine.write(KEPT, json.dumps({"made": True}) + "\n", 0o600)
    # Without a file containerd runs on its defaults; a file must say its version then.
    edited = edit(text if text is not None else "version = 2\n", wish)
    changed = edited.text != (text or "") and machine.write(FILE, edited.text)
    return Outcome(changed, edited.problems, wish.default)


def give_back(machine: Machine) -> bool:
    """Take us out of config.toml; tell whether that changed it."""
    text: Optional[str] = machine.read(FILE)
    kept = parse(machine.read(KEPT))
    machine.remove(KEPT)
    if text is None:
        return False
    plain = take_out(text)
    if isinstance(kept, dict) and kept.get("made") and plain.strip() == "version = 2":
        return machine.remove(FILE)
    return plain != text and machine.write(FILE, plain)
