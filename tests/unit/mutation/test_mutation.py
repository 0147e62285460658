"""A mutation run reports the mutants that weak tests do not detect. Here it tests a few."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from mutation.__main__ import main
from mutation.areas import AREAS, NOT_MEASURED, Area, mirrors
from mutation.report import AreaResult
from mutation.run import all_mutants, sample

ROOT = Path(__file__).resolve().parents[3]
PLANTED = '''"""Limits."""


def is_over(count: int, most: int) -> bool:
    """Return whether a number is too large."""
    return count > most


def is_empty(count: int) -> bool:
    """Return whether a number is 0."""
    while count > 5:
        count -= 1
    return count == 0
'''
WEAK_TESTS = """from planted.limits import is_empty, is_over


def test_number_over_the_limit():
    assert is_over(3, 2)
    assert not is_over(2, 2)


def test_empty():
    is_empty(7)


def test_that_fails_without_a_change():
    assert is_over(2, 2)
"""
AREA = Area("planted", ("generator/planted",), ("tests/planted",))


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Write a repository with one module, whose function `is_empty` has a weak test."""
    files = {
        "generator/planted/__init__.py": "",
        "generator/planted/limits.py": PLANTED,
        "tests/planted/test_limits.py": WEAK_TESTS,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_survivors_are_reported_and_fail_the_run(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A test that fails without a change detects nothing, and an endless loop is detected."""
    status = main(["--seed", "7", "--patience", "5"], planted, {"planted": AREA})

    output = capsys.readouterr()
    path = "generator/planted/limits.py"
    assert output.out.splitlines() == [
        "seed 7",
        "BAD planted              3 of 9 mutants killed (33 %)",
        f"    survived: {path}:11:11:comparison",
        "    count > 5  ->  (count <= 5)",
        f"    survived: {path}:11:19:constant",
        "    5  ->  (6)",
        f"    survived: {path}:12:18:constant",
        "    1  ->  (2)",
        f"    survived: {path}:13:12:comparison",
        "    count == 0  ->  (count != 0)",
        f"    survived: {path}:13:21:constant",
        "    0  ->  (1)",
        f"    survived: {path}:13:5:return-none",
        "    return count == 0  ->  return None",
    ]
    assert status == 1
    assert "left out, because it fails without a change: tests/planted/test_limits.py::" in (
        output.err
    )
    assert f"killed   {path}:6:12:comparison" in output.err
    assert f"killed   {path}:12:9:statement" in output.err
    assert (planted / path).read_text() == PLANTED


def test_one_mutant_of_a_report_can_be_tested_again(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its name."""
    mutant = "generator/planted/limits.py:6:12:comparison"

    assert main(["--mutant", mutant, "--seed", "1"], planted, {"planted": AREA}) == 0
    assert capsys.readouterr().out == (
        "seed 1\nok  planted              1 of 1 mutants killed (100 %)\n"
    )


def test_tests_that_cannot_run_are_an_error(
    planted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is then known about the mutants."""
    (planted / "tests/planted/test_limits.py").write_text("import no_such_module\n")

    assert main(["--seed", "1"], planted, {"planted": AREA}) == 2
    assert "no_such_module" in capsys.readouterr().err


def test_mutants_of_a_real_area_are_detected(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole run is part of `tox -e long`."""
    area = dataclasses.replace(AREAS["labcharm"], tests=("tests/charms/labcharm",))

    assert main(["--seed", "15", "--count", "3"], ROOT, {"labcharm": area}) in (0, 1)
    figure = capsys.readouterr().out.splitlines()[1]
    killed, _, total = figure.partition(" labcharm ")[2].split()[:3]
    assert int(total) == 3
    assert int(killed) >= 1


@pytest.mark.parametrize("area", AREAS.values(), ids=list(AREAS))
def test_area_has_tests_and_at_least_40_mutants(area: Area) -> None:
    """A directory that moved would leave an area without any."""
    assert all((ROOT / path).exists() for path in (*area.sources, *area.tests))
    assert area.test_files(ROOT)
    assert len(all_mutants(area, ROOT)) >= 40


def test_generator_has_no_module_outside_of_the_areas() -> None:
    """A new package needs an area."""
    measured = {path for area in AREAS.values() for path in area.modules(ROOT)}
    modules = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "generator/botlab").rglob("*.py")
    }
    without_behaviour = {"__init__.py", "__main__.py", "errors.py", "juju.py"}

    others = {path for path in modules - measured if not path.startswith(NOT_MEASURED)}
    assert {path for path in others if path.count("/") > 2} == set()
    assert {Path(path).name for path in others} == without_behaviour
    assert not [path for path in measured if path.startswith(NOT_MEASURED)]


def test_seed_chooses_the_mutants() -> None:
    """With the same share for each operator."""
    first, again, second = (sample(AREAS["plan"], ROOT, seed, 40).mutants for seed in (1, 1, 2))

    assert first == again
    assert first != second
    counts = [sum(mutant.operator == name for mutant in first) for name in ("boolean", "constant")]
    assert set(counts) <= {4, 5}


@pytest.mark.parametrize(("killed", "is_sufficient"), [(34, True), (33, False)])
def test_85_percent_are_sufficient(killed: int, is_sufficient: bool) -> None:
    """34 of 40."""
    result = AreaResult("x")
    for number in range(40):
        result.add(str(number), number < killed)

    assert result.is_sufficient is is_sufficient
    assert result.lines()[0].startswith("ok " if is_sufficient else "BAD")


@pytest.mark.parametrize(
    ("module", "test_file", "is_mirror"),
    [
        ("generator/botlab/plan/output.py", "tests/unit/plan/test_output.py", True),
        ("generator/botlab/plan/output.py", "tests/unit/cli/test_output.py", False),
        ("generator/botlab/shell.py", "tests/unit/test_shell.py", True),
        ("charms/shared/lib/labkube/client/api.py", "tests/charms/labkube/test_api.py", True),
    ],
)
def test_tests_of_a_module_have_its_name(module: str, test_file: str, is_mirror: bool) -> None:
    """In the mirrored directory."""
    assert mirrors(module, test_file) is is_mirror
