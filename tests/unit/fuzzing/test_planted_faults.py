"""Each target finds a fault that is planted in the program that it runs, in its time in CI."""

from __future__ import annotations

import argparse
import contextlib
import io
import random
import re
import sys
import time
from pathlib import Path

import pytest

from botlab.errors import BotlabError
from helpers.fuzzing.fuzzer import GENERATOR, Fuzzer
from helpers.fuzzing.targets import TARGETS, TargetRun, run_command

# The seconds that `.ci/run` gives to each target, here of processor time.
CI_SECONDS = 8


class PlantedFaultError(Exception):
    """The fault that the fuzzer must find."""


def check_output(output: str, first: str, second: str) -> None:
    """Fail when the output has both texts. The first one is a step that the fuzzer can see."""
    if re.search(first, output):
        is_faulty = re.search(second, output)
        if is_faulty:
            raise PlantedFaultError(f"{first} and {second}")


class FaultyProgram:
    """The command line, with a fault for some inputs.

    Args:
        texts: Two patterns of the output for these inputs.
    """

    def __init__(self, texts: tuple[str, str]) -> None:
        self._texts = texts

    def __call__(self, args: argparse.Namespace) -> int:
        """Run a command, and fail when its output has both texts."""
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = self._status(args)
        check_output(f"{output.getvalue()}{errors.getvalue()}", *self._texts)
        sys.stdout.write(output.getvalue())
        return status

    def _status(self, args: argparse.Namespace) -> int:
        try:
            return run_command(args)
        except BotlabError as error:
            sys.stderr.write(str(error))
            return 2


# For each target, two texts that its output has together for no seed.
TEXTS = {
    "site": ("BL003", "BL001"),
    "bundle-2.6": ("BL005", "J0"),
    "bundle-2.9": ("BL005", "J0"),
    "bundle-3.6": ("BL005", "J0"),
    "bundle-4.0": ("BL005", "J0"),
    "plan-model": ("J021", "J052"),
    "init-maas": ("no subnet", "no tag in MAAS"),
    "validate-maas": ("BL130", "BL139"),
    "terraform": ("BL005", "J0"),
    "picture": ("J05", "J0[136]"),
    "diff": ("J05", "J0[136]"),
    "profile": ("PF003", "PF002"),
    "charm-directory": ("BL002", "J0[1356]"),
    "charm-archive": ("must be", "J062"),
    "kit": ("bytes instead of", "SHA256SUMS: differs"),
    "kit-archive": ("the entry", "has a character that paths"),
}


@pytest.mark.parametrize("name", TARGETS)
def test_target_finds_a_planted_fault(name: str, tmp_path: Path) -> None:
    """None of its seeds shows the fault. The search is random, so it has three attempts."""
    target = TARGETS[name]
    for number in range(3):
        directory = tmp_path / str(number)
        directory.mkdir()
        run = TargetRun(target, directory, FaultyProgram(TEXTS[name]))
        pick = random.Random(number)  # noqa: S311 - it makes test data
        fuzzer = Fuzzer(run, target.seeds(), pick, roots=[GENERATOR, Path(__file__)])
        report = fuzzer.run(CI_SECONDS, stops_at_fault=True, clock=time.process_time)
        if report.faults:
            break

    print(f"{name}: {report.summary()} in {report.seconds:.1f} s")
    assert list(report.faults) == ["PlantedFaultError test_planted_faults.py:check_output"]
    assert report.executions > len(target.seeds())
