"""The packages that a command loads, which are most of the time of a short command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples/botlab"
# What is not a part of Python.
OF_BUNDLE = {"botlab", "yaml"}
OF_SITE = OF_BUNDLE | {
    *("annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"),
    *("jinja2", "markupsafe"),
}
# The packages of botlab that work on a running lab, or only for other commands.
FOREIGN = (
    "botlab.kit",
    "botlab.live",
    "botlab.inventory",
    "botlab.starter_profile",
    "botlab.site.starter",
)
_SCRIPT = """
import gc, sys
before = set(sys.modules)
sys.argv = ["botlab", *sys.argv[1:]]
from botlab.cli import main
main()
print(*sorted(set(sys.modules) - before), gc.isenabled(), file=sys.stderr)
"""


def loaded_by(*arguments: str) -> list[str]:
    """Return the modules that a command loads, and whether cycles are collected at its end."""
    done = subprocess.run(
        [sys.executable, "-s", "-c", _SCRIPT, *arguments],
        env={"PYTHONPATH": str(ROOT / "generator"), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stderr.splitlines()[-1].split()


def foreign_packages(modules: list[str]) -> set[str]:
    """Return the top-level packages that are not a part of Python.

    The C part of yaml adds modules of its own, such as `cython_runtime`.
    """
    names = {name.partition(".")[0] for name in modules[:-1]} - set(sys.stdlib_module_names)
    return {name for name in names if not name.startswith(("_", "cython"))}


@pytest.mark.parametrize(
    ("arguments", "packages"),
    [
        (("plan", str(EXAMPLE / "site.yaml")), OF_SITE),
        (("plan", str(EXAMPLE / "bundle.yaml"), "--juju", "2.6"), OF_BUNDLE),
        (("validate", str(EXAMPLE / "bundle.yaml"), "--juju", "2.6"), OF_BUNDLE),
    ],
)
def test_command_loads_only_what_it_needs(arguments: tuple[str, ...], packages: set[str]) -> None:
    """A bundle is checked and planned without pydantic and Jinja, which take half of the time."""
    modules = loaded_by(*arguments)

    assert foreign_packages(modules) == packages
    assert [name for name in modules if name.startswith(FOREIGN)] == []


def test_short_command_does_not_collect_cycles() -> None:
    """For 10,000 machines, that would take half of the time."""
    assert loaded_by("plan", str(EXAMPLE / "bundle.yaml"), "--juju", "2.6")[-1] == "False"
