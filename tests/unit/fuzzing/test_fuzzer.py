"""The fuzzer itself, with small actions instead of the generator."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers.fuzzing.coverage import Coverage, MonitoredCoverage, TracedCoverage
from helpers.fuzzing.fuzzer import Fuzzer
from helpers.fuzzing.guard import Fault, Limits, guarded
from helpers.fuzzing.inputs import Input
from helpers.fuzzing.mutator import LARGEST, Mutator
from helpers.fuzzing.packed_charm import packed_charm
from helpers.fuzzing.reduction import chosen, reduced

_HERE = [Path(__file__)]
_LIMITS = Limits(seconds=0.5, megabytes=40)


def read_steps(parts: Input) -> None:
    """Fail for a text with three properties, each of which is a step that the coverage shows."""
    text = parts[0]
    has_lines = text.count(b"\n") > 5
    if has_lines:
        has_mapping = b"{}" in text
        if has_mapping:
            has_null = b"null" in text
            if has_null:
                raise ValueError(text)


def fuzzer(action: Callable[[Input], object], *seeds: Input) -> Fuzzer:
    """Return a fuzzer of an action."""
    pick = random.Random(1)  # noqa: S311 - it makes test data
    return Fuzzer(action, seeds, pick, limits=_LIMITS, roots=_HERE)


def test_coverage_leads_the_fuzzer_to_a_fault() -> None:
    """A change alone rarely has one of the properties."""
    report = fuzzer(read_steps, (b"x",)).run(30, stops_at_fault=True, clock=time.process_time)

    ((key, (parts, fault)),) = report.faults.items()
    assert (key, fault.kind) == ("ValueError test_fuzzer.py:read_steps", "exception")
    assert parts[0].count(b"\n") > 5
    assert b"{}" in parts[0]
    assert b"null" in parts[0]
    assert report.kept[0] == (b"x",)
    assert len(report.kept) > 1


def test_faults_of_the_same_cause_count_once() -> None:
    """Many inputs show it, and the first one is reported."""
    report = fuzzer(lambda parts: 1 // 0, (b"x",), (b"y",)).run(0.2)

    assert list(report.faults) == ["ZeroDivisionError test_fuzzer.py:<lambda>"]
    assert report.faults[next(iter(report.faults))][0] == (b"x",)
    assert report.executions > 2
    assert report.kept == []


def use_memory(megabytes: int) -> None:
    """Use some memory and release it."""
    assert len(b"\1" * (megabytes * 2**20)) > megabytes


def work(seconds: float) -> None:
    """Use some processor time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def fail() -> None:
    """End the process, as no command may."""
    sys.exit(3)


@pytest.mark.parametrize(
    ("action", "kind", "key"),
    [
        (lambda: None, "", ""),
        (lambda: work(0.1), "", ""),
        (lambda: work(0.6), "time", "time"),
        (lambda: work(5), "time", "time test_fuzzer.py:work"),
        (lambda: use_memory(10), "", ""),
        (lambda: use_memory(100), "memory", "memory"),
        (lambda: [][1], "exception", "IndexError test_fuzzer.py:<lambda>"),
        (fail, "exception", "SystemExit test_fuzzer.py:fail"),
    ],
)
def test_limits_of_a_run(action: Callable[[], object], kind: str, key: str) -> None:
    """Each exception, too much time and too much memory is a fault."""
    start = time.process_time()

    fault = guarded(action, _LIMITS, _HERE) or Fault("", "", "")

    assert (fault.kind, fault.key) == (kind, key)
    assert time.process_time() - start < 3


def branching(number: int) -> int:
    """Return a number by one of two branches."""
    if number > 1:
        return number
    return -number


def coverages() -> list[Coverage]:
    """Return the records that this Python can make."""
    roots = (str(_HERE[0]),)
    records: list[Coverage] = [TracedCoverage(roots)]
    return records + ([MonitoredCoverage(roots)] if sys.version_info >= (3, 12) else [])


@pytest.mark.parametrize("coverage", coverages(), ids=lambda coverage: type(coverage).__name__)
def test_coverage_counts_only_what_is_new(coverage: Coverage) -> None:
    """Neither a repetition nor code elsewhere is new."""
    counts: list[int] = []
    for number in (0, 0, 2, 0, 2):
        with coverage.recording():
            branching(number)
            random.Random(number).random()  # noqa: S311 - any code of another file
        counts.append(coverage.take())

    assert counts[0] >= 2
    assert counts[2] >= 1
    assert (counts[1], counts[3], counts[4]) == (0, 0, 0)
    assert coverage.total == sum(counts)


@pytest.mark.parametrize("text", [b"", b"\xff\x00", b"a: [1, {b: c}]\n", b'{"a": [null]}', b"*a"])
def test_mutator_changes_any_input(text: bytes) -> None:
    """The number of parts stays, and so does the limit of the size."""
    seeds: list[Input] = [(text, b"x: y\n")]
    mutator = Mutator(random.Random(2), seeds)  # noqa: S311 - it makes test data

    changed = [mutator.mutate(seeds[0], (b"- donor\n", text)) for _ in range(300)]

    assert {len(parts) for parts in changed} == {2}
    assert max(len(parts[0]) + len(parts[1]) for parts in changed) <= LARGEST
    assert len(set(changed)) > 100


def test_input_of_a_fault_is_reduced() -> None:
    """As far as the fault needs it, line by line and byte by byte."""
    parts = (b"one\ntwo\nthree x\nfour\n", b"other")

    small = reduced(parts, lambda candidate: b"x" in candidate[0], 10)

    assert small == (b"x", b"")


def test_corpus_has_no_input_that_executes_nothing_new() -> None:
    """The smallest inputs come first, within the size of the corpus."""
    coverage = TracedCoverage((str(_HERE[0]),), samples=False)
    inputs: list[Input] = [(b"1234",), (b"12",), (b"",), (b"1" * 50,)]

    choice = chosen(inputs, lambda parts: branching(len(parts[0])), coverage, 20)

    assert choice == [(b"",), (b"12",)]


def test_archive_is_damaged_where_the_input_says() -> None:
    """Positions count from the end, where the directory of the archive is."""
    whole = packed_charm({"a": b"text"}, b"")

    assert packed_charm({"a": b"text"}, b"\0\2!") == whole[:-3] + b"!" + whole[-2:]
    assert packed_charm({"a": b"text"}, b"\x80") == whole[: len(whole) // 2]
    assert packed_charm({"a": b"text"}, b"\0\0\0\0") == b""
