"""Inputs that once stopped the commands, took much time, or got out of their values.

Each directory has the input and ``expected.txt``: the command, and what is expected of it.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from botlab.cli import main
from helpers.growth import no_collection

INPUTS = Path(__file__).parent / "hostile_inputs"
# Processor time in seconds. Each command takes about a tenth of it.
_LIMIT = 1
_SITE = """site: lab
juju: "2.9"
kubernetes:
  profile: k8s-1.13
machines:
  node0: {roles: [easyrsa, etcd, control-plane], tags: [node0]}
  node1: {roles: [worker], tags: [node1]}
"""


def _nested_aliases() -> str:
    aliases = (f"c{number}: &c{number} [*c{number - 1}]\n" for number in range(1, 1000))
    return f"{_SITE}c0: &c0 [x]\n{''.join(aliases)}"


def _nested_after_carriage_returns() -> str:
    keys = "".join(f"\r{' ' * depth}a:" for depth in range(1, 901))
    return f"{_SITE}z:{keys}\r{' ' * 1000}x\n"


# Sites that are too large to be kept.
_GENERATED = {"007": _nested_aliases, "008": _nested_after_carriage_returns}

# A check gets the exit status and the output of a command.
Check = Callable[[int, str], None]


def fails_with(text: str) -> Check:
    """Expect that the input is refused with a text."""

    def check(status: int, output: str) -> None:
        assert status == 2
        assert text in output

    return check


def reports(*rules: str) -> Check:
    """Expect an error of one of some rules."""

    def check(status: int, output: str) -> None:
        assert status == 1
        assert any(f"error {rule} at" in output for rule in rules)

    return check


def ends(status: int, output: str) -> None:
    """Expect a result, whatever it is."""
    assert status in (0, 1)
    assert output


def is_site_without_proxy(status: int, output: str) -> None:
    """Expect a site of one machine, in which a text of MAAS did not become a key."""
    site = yaml.safe_load(output)
    assert status == 0
    assert "proxy" not in site
    assert len(site["machines"]) == 1


def has_two_machines(status: int, output: str) -> None:
    """Expect different names for host names that differ in a dot only."""
    assert status == 0
    assert len(yaml.safe_load(output)["machines"]) == 2


def quotes_its_commands(status: int, output: str) -> None:
    """Expect commands whose arguments the shell takes as they are."""
    commands = [line for line in output.splitlines() if line.startswith("  juju ")]
    script = "\n".join(["juju() { printf '[%s]' \"$@\"; }", *commands])
    shown = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)

    assert status == 0
    assert shown.stdout == (
        "[config][a][--reset][k;reboot,x\n  id #][attach-resource][a][r=./c `id`][bind][a][y;id]"
    )


def shows_no_control_characters(status: int, output: str) -> None:
    """Expect each line to be printable, and no line that comes from the file."""
    lines = output.split("\n")
    assert status == 1
    assert [line for line in lines if not line.isprintable()] == []
    assert [line for line in lines if line.startswith("/etc/ok.yaml")] == []


CHECKS: dict[str, Check] = {
    "001": is_site_without_proxy,
    "002": is_site_without_proxy,
    "004": fails_with("maas.json"),
    "005": has_two_machines,
    "007": fails_with("nested deeper than 200 levels"),
    "008": fails_with("nested deeper than 200 levels"),
    "010": reports("J031"),
    "011": reports("J032"),
    "013": reports("J036"),
    "014": reports("J051", "J052"),
    "016": fails_with("/dev/zero: is not a regular file"),
    "017": reports("J051"),
    "019": ends,
    "020": ends,
    "022": fails_with("ch/a/metadata.yaml"),
    "023": fails_with("ch/a/metadata.yaml"),
    "025": fails_with("ch/a/metadata.yaml"),
    "026": fails_with("ch/a/config.yaml"),
    "028": ends,
    "029": fails_with("status.json"),
    "031": quotes_its_commands,
    "032": shows_no_control_characters,
}


@pytest.mark.parametrize("name", CHECKS)
def test_hostile_input_has_the_expected_effect(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No command ends with a traceback, and each ends within a second."""
    shutil.copytree(INPUTS / name, tmp_path, dirs_exist_ok=True)
    if name in _GENERATED:
        (tmp_path / "site.yaml").write_bytes(_GENERATED[name]().encode())
    monkeypatch.chdir(tmp_path)
    command = (INPUTS / name / "expected.txt").read_text().splitlines()[0]
    arguments = shlex.split(command.partition(": botlab ")[2])

    with no_collection():
        start = time.process_time()
        status = main(arguments)
        seconds = time.process_time() - start

    captured = capsys.readouterr()
    CHECKS[name](status, captured.out or captured.err)
    assert seconds < _LIMIT


def test_each_input_has_a_check() -> None:
    assert sorted(path.name for path in INPUTS.iterdir()) == list(CHECKS)
