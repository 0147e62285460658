"""After the commands of a section, the model is what the site says, as the runbook claims.

The commands of botlab run as processes with the scripted client. Each takes seconds, so that only
one section runs without the variable BOTLAB_LONG.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.runbooks import ExampleLab, Runner, blocks_of, sections_of
from helpers.runbooks.labs import EXAMPLES
from helpers.scripted_juju import machine_started, unit_status

IS_LONG = bool(os.environ.get("BOTLAB_LONG"))
Change = Callable[[dict[str, Any], str], None]


def next_channel(site: dict[str, Any], text: str) -> None:
    """Write the channel that a section names into the site."""
    [channel] = re.findall(r"next one is `(.*?)`", text)
    site["kubernetes"]["channel"] = channel


def no_kubeflow(site: dict[str, Any], text: str) -> None:
    """Remove Kubeflow from the site."""
    del text, site["kubeflow"]
    site["applications"].pop("kubeflow-installer")


SECTIONS: dict[str, Change | None] = {
    "Replace a machine": None,
    "Restore": None,
    "Upgrade the charms": None,
    "Upgrade Kubernetes": next_channel,
    "Remove Kubeflow": no_kubeflow,
}
SHORT = [("botlab", "2.6", "Replace a machine")]
LONG = [
    (example, juju, section)
    for example, juju in (("botlab", "2.6"), ("modern", "4.0"), ("canonical", "3.6"))
    for section in SECTIONS
    if (example, section) != ("modern", "Upgrade Kubernetes")  # botlab does not know its release
]


class LiveRunner(Runner):
    """A runner that starts botlab for a running model."""

    def __init__(self, lab: ExampleLab) -> None:
        super().__init__(lab)
        self.lab = lab

    def live(self, *arguments: str) -> str:
        """Run botlab as a process, and return its output."""
        environment = {
            **self.lab.juju.environment,
            "PYTHONPATH": str(EXAMPLES.parent / "generator"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "botlab", *arguments],
            cwd=self.lab.directory, env=environment, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run_live(self, line: str) -> None:
        """Run a command of the runbook."""
        if line.startswith("botlab deploy "):
            self.live("deploy", "site.yaml", "--yes", "--remove", "--no-wait")
            ready = unit_status("*", "active", "Ready", agent="idle")
            self.lab.juju.change(machine_started("*"), ready)
        elif line.startswith("botlab diff "):
            assert self.live("diff", "site.yaml", "--live") == "No differences.\n"
        else:
            # The site has the release of Kubeflow that the reader would choose.
            site = self.lab.assessment.site
            release = site.kubeflow.version if site and site.kubeflow else ""
            self.run(line.replace("RELEASE", release))

    def run_section(self, text: str, *, is_live: bool) -> None:
        """Run the commands of a section."""
        for block in blocks_of(text):
            for line in block.lines if block.language == "sh" else ():
                (self.run_live if is_live else self.run)(line)


@pytest.mark.parametrize(("example", "juju", "section"), LONG if IS_LONG else SHORT)
def test_model_is_what_the_site_says_after_a_section(
    tmp_path: Path, example: str, juju: str, section: str
) -> None:
    changes = {} if example != "modern" else {"juju": juju}
    lab = ExampleLab.create(tmp_path, example, **changes)
    runner, texts = LiveRunner(lab), sections_of(lab.runbook)
    runner.run_section(texts["Deploy"], is_live=False)
    runner.keep_deployed()
    runner.run_section(texts["Back up"], is_live=False)
    lab.juju.enable_planner()
    change, file = SECTIONS[section], lab.directory / "site.yaml"
    if change:
        site = yaml.safe_load(file.read_text())
        change(site, texts[section])
        file.write_text(yaml.safe_dump(site, sort_keys=False))

    runner.run_section(texts[section], is_live=True)

    runner.run_live("botlab deploy site.yaml")
    runner.run_live("botlab diff site.yaml --live")
    assert lab.juju.violations == []
