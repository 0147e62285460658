"""Words that change what the generator does: the strings in its own code, and odd values."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Sequence
from pathlib import Path

_CODE = Path(__file__).resolve().parents[3] / "generator/botlab"
_WORD = re.compile(r"[\w:/.@!<+~*&-]{1,40}")
TOKEN = re.compile(r"[\w.@+~-]+")

ODD_VALUES: Sequence[str] = (
    "", "''", "null", "~", "true", "false", "yes", "{}", "[]", "[[]]", "{a: }", "[null]",
    "0", "-1", "1", "00", "0x10", "1e3", "1e400", "-0.0", ".inf", ".nan", "NaN", "Infinity",
    "9223372036854775808", "18446744073709551616", "99999999999999999999999999", "1" * 4301,
    "2001-01-01", "2001-99-99", "2001-01-01T00:00:00Z", "12:30:45", "\u00b2", "\u0663",
    "!!bool x", "!!int x", "!!float x", "!!timestamp x", "!!binary a===", "!!set {a}", "!!omap",
    "!!null x", "!!python/none x", "!a b", "&a x", "*a", "<<", "<<: *a", "=", "---", "...",
    "? a", "- a", "a: b", "a: {b: c}", "|", ">", "%YAML 1.1", "%TAG", "#", "'", '"', "\\", "@",
    "`", "\x00", "\x07", "\x1b[2J", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ud800",
    "\\ud800", "\U0001f600", "\r", "\t", "a\nb", "{{ x }}", "{% x %}", "${juju_model}", "x;id",
    "$(id)",
    "include-file://a", "include-base64:///", "include-file://\x00", "./a", "../..", "/", "//",
    "n" * 300, "a/b", "a/b/c/d", "a:b:c", "a,b", "a=b", "a|b", "a%20b", "cs:", "ch:", "local:",
    "cs:~u/trusty/a-1", "ch:amd64/jammy/a-1", "./charms/tiny.charm", "lxd:0", "kvm:new", "a/0",
    "lxd:a/0", "new", "0/lxd/0", "10.0.0.0/33", "10.0.0.1-10.0.0.9", "10.0.0.9-10.0.0.1", "::/0",
    "fe80::1%e", "0.0.0.0/0", "255.255.255.255/32", "ebs,1G", "1,2,3", "a,1Y,99", "nvidia.com/gpu",
    "mem=1T cores=4", "mem=", "tags=^a,b", "arch=riscv64", "cores=-1", "ubuntu@22.04/stable",
)  # fmt: skip


@functools.lru_cache(maxsize=1)
def code_words() -> tuple[str, ...]:
    """Return the short strings without spaces in the generator's code."""
    words: set[str] = set()
    for file in sorted(_CODE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and _WORD.fullmatch(text):
                words.add(text)
    return tuple(sorted(words))
