"""The inputs that the fuzzer kept, because together they execute most of the generator."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from helpers.fuzzing.fuzzer import GENERATOR
from helpers.fuzzing.guard import Limits, guarded
from helpers.fuzzing.inputs import CORPUS, bytes_of, read_corpus, text_of, write_corpus
from helpers.fuzzing.targets import TARGETS, TargetRun

# The size of the corpus in the repository.
_LARGEST = 195_000


@pytest.mark.parametrize("name", TARGETS)
def test_inputs_of_the_corpus_show_no_fault(name: str, tmp_path: Path) -> None:
    """Each of them once led the fuzzer to new code."""
    run = TargetRun(TARGETS[name], tmp_path)
    inputs = read_corpus(name)

    faults = [guarded(functools.partial(run, parts), Limits(), [GENERATOR]) for parts in inputs]

    assert len(inputs) >= 10
    assert [fault for fault in faults if fault] == []


def test_corpus_is_small_and_has_a_file_for_each_target() -> None:
    """A file without a target would never be read."""
    files = list(CORPUS.iterdir())

    assert sorted(file.stem for file in files) == sorted(TARGETS)
    assert sum(file.stat().st_size for file in files) <= _LARGEST


def test_any_bytes_are_kept(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 too."""
    inputs = [(b"a\n", bytes(range(256))), ("\u20ac".encode(), b"")]

    write_corpus("target", inputs, tmp_path)

    assert read_corpus("target", tmp_path) == inputs
    assert read_corpus("other", tmp_path) == []
    assert bytes_of(text_of(b"\xed\xa0\x80")) == b"\xed\xa0\x80"
    assert bytes_of("\ud800") == b"\xed\xa0\x80"
