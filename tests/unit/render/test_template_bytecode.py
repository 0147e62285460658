"""The bytecode of templates is kept as that of modules, and never of another text."""

from __future__ import annotations

import sys
from pathlib import Path

import jinja2
import pytest

from botlab.render.template_bytecode import TemplateBytecode


@pytest.fixture(autouse=True)
def writes_bytecode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python write bytecode below the test's directory, as it does by default."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "cache"))


def write(directory: Path, text: str) -> None:
    """Write the template."""
    (directory / "t.j2").write_text(text, encoding="utf-8")


def rendered(directory: Path) -> tuple[str, int]:
    """Return the text of the template, and how often it was compiled."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory),
        bytecode_cache=TemplateBytecode(),
        autoescape=True,
    )
    compiled: list[str] = []
    compile_source = environment.compile

    def counting(source: str, *args: object) -> object:
        compiled.append(source)
        return compile_source(source, *args)  # type: ignore[call-overload]

    environment.compile = counting  # type: ignore[assignment,method-assign]
    return environment.get_template("t.j2").render(), len(compiled)


def kept(directory: Path) -> list[Path]:
    """Return the files that were written."""
    return [path for path in (directory / "cache").rglob("*") if path.is_file()]


def test_template_is_compiled_once(tmp_path: Path) -> None:
    """And again when its text changes."""
    write(tmp_path, "{{ 1 + 1 }}")
    assert [rendered(tmp_path), rendered(tmp_path)] == [("2", 1), ("2", 0)]
    (file,) = kept(tmp_path)
    assert file.name == f"t.{sys.implementation.cache_tag}.pyc"

    write(tmp_path, "{{ 1 + 2 }}")
    assert [rendered(tmp_path), rendered(tmp_path)] == [("3", 1), ("3", 0)]
    assert kept(tmp_path) == [file]


@pytest.mark.parametrize("size", [0, 5, 20, 40, 200])
def test_damaged_file_is_replaced(tmp_path: Path, size: int) -> None:
    write(tmp_path, "{{ 1 + 1 }}")
    rendered(tmp_path)
    (file,) = kept(tmp_path)
    file.write_bytes(file.read_bytes()[:size])

    assert [rendered(tmp_path), rendered(tmp_path)] == [("2", 1), ("2", 0)]


def test_bytecode_of_another_release_of_jinja_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "{{ 1 + 1 }}")
    rendered(tmp_path)
    monkeypatch.setattr(jinja2, "__version__", "3.99")

    assert [rendered(tmp_path), rendered(tmp_path)] == [("2", 1), ("2", 0)]


def test_nothing_is_written_where_python_writes_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the variable, without a name for the files, and where the user may not write."""
    write(tmp_path, "{{ 1 + 1 }}")
    with monkeypatch.context() as context:
        context.setattr(sys, "dont_write_bytecode", True)
        assert rendered(tmp_path) == ("2", 1)
    with monkeypatch.context() as context:
        context.setattr(sys.implementation, "cache_tag", None)
        assert rendered(tmp_path) == ("2", 1)
    assert not (tmp_path / "cache").exists()

    (tmp_path / "cache").touch()
    assert rendered(tmp_path) == ("2", 1)
