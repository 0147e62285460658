"""Every command of the runbook of every example works, in the order of its section."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.runbooks import (
    OWN_PROFILE,
    ExampleLab,
    Runner,
    blocks_of,
    example_names,
    sections_of,
)
from helpers.runbooks.labs import EXAMPLES

DEPLOY = "Deploy"
_QUOTES = re.compile("['\"]")
POOLS = {
    "default": {"addresses": ["10.20.0.200-10.20.0.205", "10.20.0.210"]},
    "lab-2": {"addresses": ["10.20.0.206-10.20.0.209"], "auto-assign": False},
}


def without_gpus(example: str) -> dict[str, Any]:
    """Return the machines of an example without GPUs."""
    site = yaml.safe_load((EXAMPLES / example / "site.yaml").read_text(encoding="utf-8"))
    machines = site["machines"].items()
    plain = {name: {k: v for k, v in body.items() if k != "gpu"} for name, body in machines}
    return {"machines": plain, "gpu": None, "kubeflow": None, "applications": None}


# No example is for Juju 4, has several address pools, or has all parts but one.
CASES: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in (*example_names(), OWN_PROFILE)),
    ("modern", {"juju": "4.0"}),
    ("canonical", {"juju": "4.0"}),
    ("two-storage-servers", {"juju": "4.0"}),
    ("existing-cluster", {"juju": "4.0"}),
    ("botlab", {"juju": "2.9"}),
    ("one-machine-2019", {"juju": "2.6"}),
    ("modern", {"metallb": {"pools": POOLS}}),
    ("modern", {"metallb": None, "kubeflow": None, "applications": None}),
    ("modern", {"nfs": None, "kubeflow": None, "applications": None}),
    ("modern", without_gpus("modern")),
    ("botlab", without_gpus("botlab")),
]


def run_section(runner: Runner, text: str) -> int:
    """Run the commands of a section, compare the outputs, and return the number of commands."""
    printed, count = "", 0
    for block in blocks_of(text):
        if block.language == "sh":
            printed = "\n".join(runner.run(line) for line in block.lines)
            count += len(block.lines)
        elif block.language == "text" and printed:
            expected = [line for line in block.lines if not is_live(line)]
            assert [line for line in expected if not is_in(line, printed)] == []
    return count


def is_live(line: str) -> bool:
    """Return whether a line of output is from a command that needs a controller."""
    return line.startswith(("No ", "... checks")) or " is ready: " in line or "config: " in line


def is_in(line: str, text: str) -> bool:
    """Return whether a text has a line. `...` stands for any text.

    The scripted client quotes other scalars of YAML than Juju does.
    """
    pattern = ".*".join(map(re.escape, _QUOTES.sub("", line).split("...")))
    return re.search(rf"^{pattern}$", _QUOTES.sub("", text), re.MULTILINE) is not None


@pytest.mark.parametrize(("example", "changes"), CASES, ids=lambda case: str(case)[:60])
def test_every_command_of_an_example_works(
    tmp_path: Path, example: str, changes: dict[str, Any]
) -> None:
    lab = ExampleLab.create(tmp_path, example, **changes)
    runner = Runner(lab)
    sections = sections_of(lab.runbook)

    head = lab.runbook.partition("\n## ")[0]
    commands = [block for block in blocks_of(lab.runbook) if block.language == "sh"]
    parts = [block for text in (head, *sections.values()) for block in blocks_of(text)]
    assert [block for block in parts if block.language == "sh"] == commands
    assert run_section(runner, head) == 1
    assert run_section(runner, sections.pop(DEPLOY)) > 5
    runner.keep_deployed()
    for text in sections.values():
        runner.restore_deployed()
        run_section(runner, text)
    assert lab.juju.violations == []


def test_expected_outputs_are_compared(tmp_path: Path) -> None:
    runner = Runner(ExampleLab.create(tmp_path, "one-machine"))
    block = "```sh\nbotlab validate site.yaml\n```\n\nOutput:\n\n```text\n{}\n```\n"

    run_section(runner, block.format("site.yaml: 0 errors, ..."))
    with pytest.raises(AssertionError, match="1 error, "):
        run_section(runner, block.format("site.yaml: 1 error, ..."))
