"""Fuzz targets, two side by side, and print the figures and faults of each.

    python -m helpers.fuzzing [--seconds N] [--jobs N] [--seed N] [--keep] [TARGET ...]

The exit status is 1 when a target has a fault. Each fault is printed with a short input that shows
it. ``--keep`` adds inputs that execute new code to the corpus in tests/unit/fuzzing/corpus.
"""

from __future__ import annotations

import argparse
import faulthandler
import functools
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .coverage import new_coverage
from .fuzzer import GENERATOR, Fuzzer, Report
from .guard import Limits, guarded
from .inputs import Input, read_corpus, text_of, write_corpus
from .reduction import chosen, reduced
from .targets import TARGETS, TargetRun

# A run that allocates more than this ends with a MemoryError, before the machine suffers.
_MOST_MEMORY = 4 * 2**30
_HANG = 60
_REDUCTION = 10
_CORPUS_BYTES = 11_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the targets, and return the exit status."""
    options = _parser().parse_args(arguments)
    if options.here:
        return _fuzz(options.target[0], options)
    with ThreadPoolExecutor(options.jobs) as pool:
        statuses = list(pool.map(lambda name: _fuzz_in_a_process(name, options), options.target))
    return max(statuses)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("target", nargs="*", default=list(TARGETS), type=_target)
    parser.add_argument("--seconds", type=float, default=60, help="time for each target")
    parser.add_argument("--jobs", type=int, default=2, help="targets side by side")
    parser.add_argument("--seed", type=int, default=0, help="seed of the random numbers")
    parser.add_argument("--keep", action="store_true", help="add inputs to the corpus")
    parser.add_argument("--here", action="store_true", help="run one target in this process")
    return parser


def _target(name: str) -> str:
    """Return the name of a target.

    Raises:
        ArgumentTypeError: When there is no such target.
    """
    if name not in TARGETS:
        raise argparse.ArgumentTypeError(f"{name} is not one of {', '.join(TARGETS)}")
    return name


def _fuzz_in_a_process(name: str, options: argparse.Namespace) -> int:
    """Fuzz a target in a process of its own, so that a crash or a hang ends only this process."""
    command = [sys.executable, "-m", "helpers.fuzzing", name, "--here"]
    command += ["--seconds", str(options.seconds), "--seed", str(options.seed)]
    command += ["--keep"] if options.keep else []
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    print(f"{name}: {done.stdout or 'ended early'}{done.stderr}", flush=True)
    return 1 if done.returncode else 0


def _fuzz(name: str, options: argparse.Namespace) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    target = TARGETS[name]
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as directory:
        run = TargetRun(target, Path(directory))
        watched = _Watched(run)
        seeds = [*target.seeds(), *read_corpus(name)]
        pick = random.Random(options.seed)  # noqa: S311 - no secrets here
        report = Fuzzer(watched, seeds, pick).run(options.seconds)
        _print_report(report, run)
        if options.keep:
            candidates = [*read_corpus(name), *report.kept]
            coverage = new_coverage([GENERATOR], samples=False)
            write_corpus(name, chosen(candidates, run, coverage, _CORPUS_BYTES))
    return 1 if report.faults else 0


class _Watched:
    """A run that ends the process with a traceback when it hangs where no signal is handled."""

    def __init__(self, run: TargetRun) -> None:
        self._run = run

    def __call__(self, parts: Input) -> None:
        faulthandler.dump_traceback_later(_HANG, exit=True)
        try:
            self._run(parts)
        finally:
            faulthandler.cancel_dump_traceback_later()


def _print_report(report: Report, run: TargetRun) -> None:
    print(report.summary())
    for key, (parts, fault) in report.faults.items():
        small = reduced(parts, functools.partial(_shows, run, key), _REDUCTION)
        print(f"  {fault.kind}: {fault.key}\n{fault.description}")
        for number, part in enumerate(small):
            print(f"  part {number}: {text_of(part)[:3000]!a}")


def _shows(run: TargetRun, key: str, parts: Input) -> bool:
    fault = guarded(lambda: run(parts), Limits(), [GENERATOR])
    return fault is not None and fault.key == key


if __name__ == "__main__":
    sys.exit(main())
