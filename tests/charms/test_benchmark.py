"""The benchmark of the hooks of nvidia-runtime runs to its end, with one run of each hook."""

from __future__ import annotations

import re

import pytest

from bench import charms
from helpers.interpreters import find_python


def test_benchmark_measures_every_hook(capsys: pytest.CaptureFixture[str]) -> None:
    charms.main(["--runs", "1"])

    printed = capsys.readouterr().out
    for _, version, _ in charms.AGES:
        if find_python(version):
            rows = re.findall(
                rf"^ +{re.escape(version)} ([a-z-]+) +[0-9.]+ +[0-9.]+$", printed, re.M
            )
            assert rows == list(charms.HOOKS)
        else:
            assert f"{version} is not on this machine" in printed
