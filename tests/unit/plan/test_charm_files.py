"""Local charms that Juju's planner cannot read."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from botlab.juju import Juju
from botlab.plan import PlanError
from helpers.juju_records import pack_charm
from helpers.plans import plan_lines

NOT_AN_ARCHIVE = "zip: not a valid zip file"
NO_METADATA = 'archive file "metadata.yaml" not found'


def refusal(directory: Path, charm: str, juju: Juju, platform: str = "") -> str:
    """Return Juju's message about a bundle with a local charm; empty if it plans the bundle."""
    text = f"applications: {{a: {{charm: ./{charm}, num_units: 1{platform}}}}}"
    try:
        plan_lines(text, juju, directory=str(directory))
    except PlanError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_file_that_is_not_a_charm_is_refused(juju: Juju, tmp_path: Path) -> None:
    """Neither a text nor an archive of other files is a charm."""
    (tmp_path / "a.charm").write_text("a text\n")
    with zipfile.ZipFile(tmp_path / "b.charm", "w") as archive:
        archive.writestr("other.yaml", "{}")

    assert refusal(tmp_path, "a.charm", juju) == NOT_AN_ARCHIVE
    assert refusal(tmp_path, "b.charm", juju) == NO_METADATA


@pytest.mark.parametrize(
    ("juju", "message"),
    [
        (Juju.V2_6, 'charm or bundle URL has invalid form: "{path}"'),
        (Juju.V2_9, "charm not found: {path}"),
        (
            Juju.V3_6,
            'reading "metadata.yaml" file: open {path}/metadata.yaml: no such file or directory',
        ),
        (Juju.V4_0, "read {path}: is a directory"),
    ],
)
def test_directory_without_metadata_is_refused(juju: Juju, message: str, tmp_path: Path) -> None:
    """Each release has other words for it."""
    (tmp_path / "charms").mkdir()

    assert refusal(tmp_path, "charms", juju) == message.format(path=tmp_path / "charms")


def test_file_that_is_not_a_charm_crashes_juju_2_6(tmp_path: Path) -> None:
    """It takes the path for a URL."""
    path = tmp_path / "a.charm"
    path.write_text("a text\n")

    assert refusal(tmp_path, "a.charm", Juju.V2_6) == (
        f'charm or bundle URL has invalid form: "{path}"'
    )


@pytest.mark.parametrize(
    ("juju", "platform"),
    [(Juju.V2_9, ", series: focal"), (Juju.V3_6, ", base: ubuntu@22.04")],
)
def test_charm_is_not_read_where_the_bundle_names_its_platform(
    juju: Juju, platform: str, tmp_path: Path
) -> None:
    """The controller reads it later."""
    (tmp_path / "a.charm").write_text("a text\n")

    assert refusal(tmp_path, "a.charm", juju, platform) == ""


def test_charm_with_metadata_is_read(tmp_path: Path) -> None:
    """As an archive, and up to Juju 3.6 as a directory."""
    pack_charm(tmp_path / "a.charm", {"name": "a", "bases": ["22.04"]})
    (tmp_path / "b").mkdir()
    (tmp_path / "b/metadata.yaml").write_text("{name: b, series: [focal]}\n")

    assert refusal(tmp_path, "a.charm", Juju.V4_0) == ""
    assert refusal(tmp_path, "b", Juju.V3_6) == ""


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_pipe_is_not_opened_as_a_charm(juju: Juju, tmp_path: Path) -> None:
    """Opening it would wait for a writer."""
    os.mkfifo(tmp_path / "a.charm")

    assert NOT_AN_ARCHIVE in refusal(tmp_path, "a.charm", juju)
