"""The benchmark of metallb's hooks runs to its end, with two services and one run."""

from __future__ import annotations

import pytest

from bench import metallb
from helpers.interpreters import find_python, missing
from helpers.kube.builds import UnavailableError, binaries, newest


def test_benchmark_measures_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    for version in ("3.6", "3.12"):
        if not find_python(version):
            pytest.skip(missing(version))
    try:
        binaries()
        newest()
        metallb.metallb("metallb-0.13")
    except UnavailableError as error:
        pytest.skip(str(error))

    metallb.main(["--services", "2", "--runs", "1"])

    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    measured = [(line[0], line[1], line[2], line[3]) for line in lines]
    rows = [(name, age, version or "v0.13.5") for name, _, age, version in metallb.ROWS]
    assert measured == [(*row, count) for row in rows for count in ("install", "2")]
