"""The benchmark of the generator runs to its end; a full run is `tox -e bench`."""

from __future__ import annotations

import re

import pytest

from bench import generator


def test_benchmark_measures_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    generator.main(["--machines", "10", "--units", "20", "--runs", "1", "--starts", "1"])

    printed = capsys.readouterr().out
    assert "cold start (botlab --help):" in printed
    assert re.findall(r"^plan of the guide's lab, (\w+): ", printed, re.M) == ["site", "bundle"]
    assert re.findall(r"^ +10 (\w+) ", printed, re.MULTILINE) == ["render", "validate", "plan"]
    assert re.search(
        r"^status of 32 units: [\d.]+ s \(processor: [\d.]+ s\), \d+ MB$", printed, re.M
    )
    assert "the bundle alone: Juju's packages" in printed or "no comparison with" in printed
