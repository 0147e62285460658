"""Run mutants from the command line: see ``python -m mutation --help``."""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Mapping
from pathlib import Path

from mutation.areas import AREAS, Area
from mutation.run import Sample, Settings, all_mutants, run, sample
from mutation.trees import BrokenRunError

_REPOSITORY = Path(__file__).resolve().parents[2]


def main(
    arguments: list[str] | None = None,
    repository: Path = _REPOSITORY,
    areas: Mapping[str, Area] = AREAS,
) -> int:
    """Run the mutants that the arguments choose, and print the figures.

    Args:
        arguments: The command line; without it, the process's own.
        repository: The repository's root.
        areas: The areas by name.

    Returns:
        The exit status: 1 when an area has too many survivors, 2 when the tests did not run.
    """
    options = _parser(areas).parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    settings = Settings(repository, options.jobs, options.patience, _print_error)
    try:
        results = run(_samples(options, seed, repository, areas), settings)
    except BrokenRunError as error:
        _print_error(str(error))
        return 2
    print(f"seed {seed}")
    print("\n".join(line for result in results for line in result.lines()))
    return 0 if all(result.is_sufficient for result in results) else 1


def _parser(areas: Mapping[str, Area]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument("--area", action="append", choices=[*areas], help="default: all areas")
    parser.add_argument("--seed", type=int, help="default: a random number, which is printed")
    parser.add_argument("--count", type=int, default=40, help="mutants of each area")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at the same time")
    parser.add_argument(
        "--patience", type=float, default=60, help="seconds that tests may take longer than usual"
    )
    parser.add_argument("--mutant", action="append", help="test this mutant of a report again")
    return parser


def _samples(
    options: argparse.Namespace, seed: int, repository: Path, areas: Mapping[str, Area]
) -> list[Sample]:
    chosen = [areas[name] for name in options.area or areas]
    if not options.mutant:
        return [sample(area, repository, seed, options.count) for area in chosen]
    names = set(options.mutant)
    samples = [
        Sample(area, [mutant for mutant in all_mutants(area, repository) if mutant.name in names])
        for area in chosen
    ]
    return [entry for entry in samples if entry.mutants]


def _print_error(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
