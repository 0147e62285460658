"""botlab and Juju's own packages agree about generated bundles and about the examples.

Verdicts, messages and change lists are compared, from the command line of botlab to the last step
of Juju's client before it changes anything.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers import botlab_judge
from helpers.agreement import Agreement, compare
from helpers.bundle_corpus import write_corpus
from helpers.juju_oracle import Oracle, UnavailableError

ROOT = Path(__file__).resolve().parents[2]
IS_LONG = bool(os.environ.get("BOTLAB_LONG"))
PARTS = 20
BUNDLES = PARTS * (250 if IS_LONG else 20)

# The release of each program, and the corpus that suits it.
ORACLES = {"juju29": ("2.9", "2.9.21"), "juju36": ("3.6", "3.6"), "juju40": ("4.0", "4.0")}


@pytest.fixture(scope="session", params=sorted(ORACLES))
def oracle(request: pytest.FixtureRequest) -> tuple[str, Oracle]:
    """Build the program of a Juju release, or skip with the reason."""
    try:
        return request.param, Oracle(request.param)
    except UnavailableError as reason:
        pytest.skip(f"needs Juju's own Go packages: {reason}")


def judged(requests: list[dict[str, Any]], name: str, program: Oracle) -> Agreement:
    """Compare the judgements of botlab and Juju about some bundles."""
    release = ORACLES[name][0]

    def ours(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [botlab_judge.judge(request, release) for request in requests]

    return compare(requests, release, program.judge, ours)


@pytest.mark.parametrize("part", range(PARTS))
def test_generated_bundles_have_the_judgement_of_juju(
    oracle: tuple[str, Oracle], part: int, tmp_path: Path
) -> None:
    """The same bundles are generated each time; some are valid, and some have faults."""
    name, program = oracle
    requests = write_corpus(tmp_path, ORACLES[name][1], 1000 + part, BUNDLES // PARTS)
    agreement = judged(requests, name, program)
    assert agreement.bundles == BUNDLES // PARTS
    assert agreement.changes, "no bundle of this part was planned by both"
    assert not agreement.differences, "\n\n".join(map(str, agreement.differences))


def write_local_charms(bundle: str, directory: Path) -> None:
    """Write a minimal archive for each local charm of a bundle."""
    for application in yaml.safe_load(bundle)["applications"].values():
        if application["charm"].startswith("."):
            charm = directory / application["charm"]
            charm.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(charm, "w") as archive:
                archive.writestr("metadata.yaml", "{name: a, summary: b, description: c}")
                archive.writestr("config.yaml", "options: {}")
                archive.writestr("manifest.yaml", "bases: [{name: ubuntu, channel: '22.04'}]")


EXAMPLES = sorted(ROOT.glob("examples/*/bundle.yaml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_have_the_judgement_of_juju(
    oracle: tuple[str, Oracle], example: Path, tmp_path: Path
) -> None:
    """Each example is judged by each release; its local charms exist in this test."""
    bundle = example.read_text(encoding="utf-8")
    write_local_charms(bundle, tmp_path)
    path = tmp_path / "bundle.yaml"
    path.write_text(bundle, encoding="utf-8")
    agreement = judged([{"path": str(path), "overlays": [], "trust": True}], *oracle)
    assert not agreement.differences, str(agreement.differences[0])
