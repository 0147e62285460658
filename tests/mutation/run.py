"""The steps of a mutation run: choose mutants, record calls, test each mutant, count."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from queue import SimpleQueue

from mutation.areas import Area
from mutation.operators import Mutant, mutants_of
from mutation.report import AreaResult
from mutation.selection import CallRecord
from mutation.trees import Tree

# A test run with a mutant may take this many times as long as without.
_TIME_FACTOR = 4


@dataclass(frozen=True)
class Sample:
    """The mutants of one area that a run tests."""

    area: Area
    mutants: Sequence[Mutant]


@dataclass(frozen=True)
class Settings:
    """What the command line sets.

    Attributes:
        repository: The repository's root.
        jobs: How many mutants are tested at the same time.
        patience: How many seconds longer than usual the tests of a mutant may take.
        progress: Called with a line of text after each step.
    """

    repository: Path
    jobs: int
    patience: float
    progress: Callable[[str], None]


def all_mutants(area: Area, repository: Path) -> list[Mutant]:
    """Return all mutants of an area."""
    return [
        mutant
        for path in area.modules(repository)
        for mutant in mutants_of(path, (repository / path).read_text(encoding="utf-8"))
    ]


def sample(area: Area, repository: Path, seed: int, count: int) -> Sample:
    """Choose mutants of an area at random; the same seed chooses the same ones.

    Each operator has the same share, because changed constants are half of all mutants.
    """
    generator = random.Random(f"{seed} {area.name}")  # noqa: S311 - not for secrets
    by_operator: dict[str, list[Mutant]] = {}
    for mutant in all_mutants(area, repository):
        by_operator.setdefault(mutant.operator, []).append(mutant)
    for _, mutants in sorted(by_operator.items()):
        generator.shuffle(mutants)
    rounds = zip_longest(*(by_operator[name] for name in sorted(by_operator)))
    chosen = [mutant for turn in rounds for mutant in turn if mutant is not None]
    return Sample(area, chosen[:count])


def run(samples: Iterable[Sample], settings: Settings) -> list[AreaResult]:
    """Test all mutants of the samples.

    Args:
        samples: The mutants of each area.
        settings: What the command line sets.

    Returns:
        The result of each area, in the order of the samples.

    Raises:
        BrokenRunError: pytest could not run the tests.
    """
    with _trees(settings) as trees:
        return [
            result for group in _groups(samples) for result in _run_group(group, trees, settings)
        ]


@contextmanager
def _trees(settings: Settings) -> Iterator[list[Tree]]:
    with tempfile.TemporaryDirectory(prefix="mutation-") as directory:
        yield [
            Tree.copy(settings.repository, Path(directory) / str(number))
            for number in range(settings.jobs)
        ]


def _groups(samples: Iterable[Sample]) -> list[list[Sample]]:
    """Return the samples, those with the same tests together."""
    groups: dict[tuple[str, ...], list[Sample]] = {}
    for entry in samples:
        groups.setdefault(entry.area.tests, []).append(entry)
    return list(groups.values())


def _run_group(group: list[Sample], trees: list[Tree], settings: Settings) -> list[AreaResult]:
    record = trees[0].record([entry.area for entry in group])
    settings.progress(f"{len(record.seconds)} tests recorded")
    for name in record.failed:
        settings.progress(f"left out, because it fails without a change: {name}")
    return [_run_sample(entry, record, trees, settings) for entry in group]


def _run_sample(
    entry: Sample, record: CallRecord, trees: list[Tree], settings: Settings
) -> AreaResult:
    free: SimpleQueue[Tree] = SimpleQueue()
    for tree in trees:
        free.put(tree)

    def is_killed(mutant: Mutant) -> bool:
        tree = free.get()
        try:
            selection = record.select(mutant)
            limit = _TIME_FACTOR * selection.seconds + settings.patience
            killed = tree.detects(mutant, selection, limit)
        finally:
            free.put(tree)
        settings.progress(f"{'killed  ' if killed else 'SURVIVED'} {mutant.name}")
        return killed

    result = AreaResult(entry.area.name)
    with ThreadPoolExecutor(len(trees)) as pool:
        for mutant, killed in zip(entry.mutants, pool.map(is_killed, entry.mutants), strict=True):
            source = (settings.repository / mutant.path).read_text(encoding="utf-8")
            result.add(mutant.describe(source), killed)
    return result
