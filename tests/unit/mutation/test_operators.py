"""The changes that a mutation run makes to a module."""

from __future__ import annotations

import ast

import pytest

from mutation.operators import mutants_of

MODULE = '''"""Return the limits."""
import logging

NAMES = ("first", "a text for people")
__all__ = ["limit"]


class Limit:
    """A limit."""

    most: "int" = 3


@property
def limit(units: int, names: list[str]) -> "int | None":
    """Return a limit."""
    logging.warning("units", units)
    assert units == 1
    if units > 2 and not names:
        names.append("ü", units)
    for name in names:
        continue
    run(f"{units + 1}", timeout=5)
    return True if names else units - 1
'''


def test_each_operator_changes_one_place() -> None:
    """Texts, annotations, decorators, assertions, logging and time limits stay."""
    changes = [
        (mutant.line, mutant.operator, MODULE[mutant.start : mutant.end], mutant.replacement)
        for mutant in mutants_of("limits.py", MODULE)
    ]

    assert changes == [
        (4, "constant", '"first"', "('firstmutated')"),
        (11, "constant", "3", "(4)"),
        (19, "and-or", "units > 2 and not names", "(units > 2 or not names)"),
        (19, "comparison", "units > 2", "(units <= 2)"),
        (19, "constant", "2", "(3)"),
        (19, "condition", "not names", "(names)"),
        (20, "arguments", 'names.append("ü", units)', "(names.append(units, 'ü'))"),
        (20, "statement", 'names.append("ü", units)', "pass"),
        (20, "constant", '"ü"', "('ümutated')"),
        (22, "statement", "continue", "pass"),
        (23, "statement", 'run(f"{units + 1}", timeout=5)', "pass"),
        (24, "return-none", "return True if names else units - 1", "return None"),
        (24, "boolean", "True", "(False)"),
        (24, "condition", "names", "(not names)"),
        (24, "arithmetic", "units - 1", "(units + 1)"),
        (24, "constant", "1", "(2)"),
    ]


def test_mutant_knows_its_function_and_its_place() -> None:
    """Python names the line of a function's first decorator."""
    mutants = mutants_of("limits.py", MODULE)

    assert {mutant.function for mutant in mutants if mutant.line > 13} == {14}
    assert {mutant.function for mutant in mutants if mutant.line < 13} == {0}
    assert mutants[8].name == "limits.py:20:22:constant"
    assert mutants[8].describe(MODULE) == ("limits.py:20:22:constant\n    \"ü\"  ->  ('ümutated')")


@pytest.mark.parametrize("text", [" and ".join("abc"), "a == b == c", "x = not (yield)"])
def test_changed_module_can_be_parsed(text: str) -> None:
    """Also where the change binds less tightly than the code around it."""
    source = f"def function():\n    return ({text.removeprefix('x = ')}).attribute\n"
    mutants = mutants_of("module.py", source)

    assert mutants
    for mutant in mutants:
        changed = mutant.apply(source)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source))


def test_multiple_of_a_time_limit_stays() -> None:
    """Tests do not wait for it. A number of seconds that is added to a time is changed."""
    source = "limits = 3 * PROBE_SECONDS, now + PROBE_SECONDS, 3 * COUNT\n"

    assert [
        source[mutant.start : mutant.end]
        for mutant in mutants_of("limits.py", source)
        if mutant.operator == "arithmetic"
    ] == ["now + PROBE_SECONDS", "3 * COUNT"]
