"""Run mutants from the command line: see ``python -m mutation --help``."""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from mutation.areas import AREAS
from mutation.run import Sample, Settings, all_mutants, run, sample
from mutation.trees import BrokenRunError

_REPOSITORY = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None, repository: Path = _REPOSITORY) -> int:
    """Run the mutants that the arguments choose, and print the figures.

    Args:
        arguments: The command line; without it, the process's own.
        repository: The repository's root.

    Returns:
        The exit status: 1 when an area has too many survivors, 2 when the tests did not run.
    """
    options = _parser().parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    settings = Settings(repository, options.jobs, _print_error)
    try:
        results = run(_samples(options, seed, repository), settings)
    except BrokenRunError as error:
        _print_error(str(error))
        return 2
    print(f"seed {seed}")
    print("\n".join(line for result in results for line in result.lines()))
    return 0 if all(result.is_sufficient for result in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mutation", description=__doc__)
    parser.add_argument("--area", action="append", choices=[*AREAS], help="default: all areas")
    parser.add_argument("--seed", type=int, help="default: a random number, which is printed")
    parser.add_argument("--count", type=int, default=40, help="mutants of each area")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at the same time")
    parser.add_argument("--mutant", action="append", help="test this mutant of a report again")
    return parser


def _samples(options: argparse.Namespace, seed: int, repository: Path) -> list[Sample]:
    areas = [AREAS[name] for name in options.area or AREAS]
    if not options.mutant:
        return [sample(area, repository, seed, options.count) for area in areas]
    names = set(options.mutant)
    samples = [
        Sample(area, [mutant for mutant in all_mutants(area, repository) if mutant.name in names])
        for area in areas
    ]
    return [entry for entry in samples if entry.mutants]


def _print_error(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
