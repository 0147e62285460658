"""The site files that the README shows lead to a bundle and a plan."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from botlab.cli import main
from botlab.site.starter import starter_text
from helpers.maas_releases import answer, ip_range, subnet, two_racks

ROOT = Path(__file__).resolve().parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_readme_has_a_site_for_each_kind_of_lab() -> None:
    """One machine, several kinds of workers, and groups."""
    assert [set(yaml.safe_load(block)) for block in BLOCKS] == [
        {"kubernetes", "machines"},
        {"machines", "workers"},
        {"machines", "groups"},
    ]


@pytest.mark.parametrize("block", BLOCKS)
def test_block_in_place_of_the_machines_of_a_new_site_can_be_planned(
    block: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site.yaml"
    sections = {**yaml.safe_load(starter_text("mylab", "3.6")), **yaml.safe_load(block)}
    site.write_text(yaml.safe_dump(sections, sort_keys=False), encoding="utf-8")

    assert main(["validate", str(site)]) == 0
    assert " 0 errors" in capsys.readouterr().out
    assert main(["render", str(site)]) == 0
    assert main(["plan", str(site)]) == 0


# It gives machines in a file their tags, and answers as MAAS does.
_MAAS = """#!{python}
import json, sys
_, topic, verb, *words = sys.argv[1:]
file = "{directory}/maas-machines.json"
machines = json.load(open(file))
if (topic, verb) == ("tag", "read"):
    sys.exit(1)
if (topic, verb) == ("tag", "update-nodes"):
    for machine in machines:
        if f"add={{machine['system_id']}}" in words:
            machine["tag_names"].append(words[0])
    json.dump(machines, open(file, "w"))
elif topic == "machines":
    print(json.dumps([m for m in machines if not words or "nvidia-a100" in m["tag_names"]]))
elif verb == "read":
    print(open(f"{directory}/maas-{{topic}}.json").read())
"""
_BOTLAB = """#!/bin/sh
PYTHONPATH={root}/generator exec {python} -m botlab "$@"
"""


def _program(directory: Path, name: str, text: str) -> None:
    values = {"python": sys.executable, "directory": directory, "root": ROOT}
    (directory / name).write_text(text.format(**values), encoding="utf-8")
    (directory / name).chmod(0o755)


def test_commands_for_forty_machines_of_maas_lead_to_a_bundle(tmp_path: Path) -> None:
    """In two racks, as the README shows them, with a stand-in for MAAS."""
    _program(tmp_path, "maas", _MAAS)
    _program(tmp_path, "botlab", _BOTLAB)
    (tmp_path / "mylab").mkdir()
    answers = {
        "machines": two_racks("3.6"),
        "subnets": [subnet("3.6")],
        "ipranges": [ip_range("3.6", "dynamic", "10.5.0.100", "10.5.0.199")],
    }
    for name, entries in answers.items():
        (tmp_path / f"maas-{name}.json").write_text(answer(entries), encoding="utf-8")
    (commands,) = re.findall(r"^```sh\n(maas admin .*?)^```", README, re.MULTILINE | re.DOTALL)

    done = subprocess.run(
        ["/bin/sh", "-e", "-c", commands],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert (done.returncode, done.stdout.count(": has the tag ")) == (0, 40), done.stderr
    assert " 0 errors, " in done.stdout
    site = tmp_path / "mylab/site.yaml"
    assert list(yaml.safe_load(site.read_text())["groups"]) == [
        "rack-a-gpu[00-16]",
        "rack-b-gpu[00-16]",
    ]
    assert main(["render", str(site)]) == 0
    assert main(["plan", str(site)]) == 0
