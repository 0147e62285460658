"""The headers and keys of a TOML text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.toml_text import entries, join, strings, unquote, values

TEXT = """\
version = 2 # the newest
imports = ["/a/*.toml", # every file
  'b.toml']
[plugins."io.containerd.grpc.v1.cri".containerd]
  default_runtime_name = "ru#n[c" # chosen
  runtimes.kata = { runtime_type = "x}y", options = { Debug = true } }
[ plugins . 'quoted' ]
  text = \"\"\"
[no.header]
key = 1
\"\"\"
[[lists]]
  a.b = -1.5"""


def test_every_header_and_key_is_listed_with_its_lines() -> None:
    cri = ("plugins", "io.containerd.grpc.v1.cri", "containerd")
    lines = [
        (entry.path, entry.value, TEXT[entry.start : entry.end].count("\n"))
        for entry in entries(TEXT)
    ]

    assert lines == [
        (("version",), "2", 1),
        (("imports",), "[\"/a/*.toml\", # every file\n  'b.toml']", 2),
        (cri, "", 1),
        ((*cri, "default_runtime_name"), '"ru#n[c"', 1),
        ((*cri, "runtimes", "kata"), '{ runtime_type = "x}y", options = { Debug = true } }', 1),
        ((*cri, "runtimes", "kata", "runtime_type"), '"x}y"', 1),
        ((*cri, "runtimes", "kata", "options"), "{ Debug = true }", 1),
        ((*cri, "runtimes", "kata", "options", "Debug"), "true", 1),
        (("plugins", "quoted"), "", 1),
        (("plugins", "quoted", "text"), '"""\n[no.header]\nkey = 1\n"""', 4),
        (("lists",), "", 1),
        (("lists", "a", "b"), "-1.5", 0),
    ]
    assert strings(values(TEXT)["imports",]) == ["/a/*.toml", "b.toml"]


@pytest.mark.parametrize(
    "text", ["=", "key", "key =", "[table", "[]", '"open = 1', "a = [1,\n2", "a = '''x", "\ud800"]
)
def test_damaged_text_has_no_error(text: str) -> None:
    """The charm must not fail before containerd itself reports it."""
    assert len(entries(text)) <= 1


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ('"a\\"b"', 'a"b'),
        ("'a\\b'", "a\\b"),
        ("bare", "bare"),
        ('"\\x41"', "\\x41"),
        ('"""\nx"""', "x"),
    ],
)
def test_strings_and_parts_of_keys_are_unquoted(part: str, text: str) -> None:
    assert unquote(part) == text


_NAMES = st.text("abcA.'\"#[]=- \\é", max_size=6)
_SCALARS = st.one_of(st.integers(-9, 9), st.booleans(), _NAMES)


@given(st.dictionaries(_NAMES, st.dictionaries(_NAMES, _SCALARS, max_size=3), max_size=3))
def test_values_agree_with_a_parser(document: dict[str, dict[str, Any]]) -> None:
    """tomllib, which Python 3.6 to 3.10 do not have, reads the same."""
    tomllib = pytest.importorskip("tomllib")
    lines = []
    for table, keys in document.items():
        lines.append(f"[ {join((table,))} ] # comment")
        lines += [f"{join((key,))}={_toml(value)}#x" for key, value in keys.items()]
    text = "\n".join(lines)
    read = {path: _decoded(value) for path, value in values(text).items()}

    assert read == {
        (table, key): value
        for table, keys in tomllib.loads(text).items()
        for key, value in keys.items()
    }


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _decoded(value: str) -> object:
    if value in ("true", "false"):
        return value == "true"
    return unquote(value) if value[0] in "\"'" else int(value)
