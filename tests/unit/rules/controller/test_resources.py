"""Refusals of resources: unknown names, and files that do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.findings import path_text
from botlab.juju import Juju
from helpers.refusals import charm, messages, refusals

CHARM = charm("""
name: a
resources:
  file: {type: file, filename: f.tgz}
  image: {type: oci-image}
""")


@pytest.mark.parametrize("juju", list(Juju))
def test_unknown_resource_is_refused(juju: Juju) -> None:
    """A revision of the store, too."""
    text = "applications: {a: {charm: a, resources: {blob: 4}}}"

    (finding,) = refusals(text, juju, {"a": CHARM})

    assert finding.message == 'unrecognized resource "blob"'
    assert path_text(finding.path) == "applications.a.resources.blob"
    assert finding.when == "deploy"


def test_several_unknown_resources_are_refused_together() -> None:
    """In the plural."""
    text = "applications: {a: {charm: a, resources: {x: 4, file: 1, y: ./y}}}"

    findings = refusals(text, Juju.V3_6, {"a": CHARM})

    assert messages(findings) == ["unrecognized resources: x, y"]
    assert path_text(findings[0].path) == "applications.a.resources"


@pytest.mark.parametrize("juju", list(Juju))
def test_file_that_does_not_exist_is_refused(juju: Juju, tmp_path: Path) -> None:
    """Relative paths start at the bundle's directory. An image may be in a registry."""
    (tmp_path / "there.tgz").touch()
    text = (
        "applications: {a: {charm: a, resources: {file: sub/../f.tgz, image: reg/i}},"
        " b: {charm: a, resources: {file: there.tgz}}}"
    )

    findings = refusals(text, juju, {"a": CHARM, "b": CHARM}, directory=str(tmp_path))

    assert messages(findings) == [
        f'file for resource "file": stat {tmp_path}/f.tgz: no such file or directory'
    ]


def test_path_through_a_file_cannot_be_read(tmp_path: Path) -> None:
    """The reason is the operating system's."""
    (tmp_path / "file").touch()
    text = "applications: {a: {charm: a, resources: {file: ./file/f.tgz}}}"

    findings = refusals(text, Juju.V3_6, {"a": CHARM}, directory=str(tmp_path))

    assert messages(findings) == [
        f'can\'t read file for resource "file": stat {tmp_path}/file/f.tgz: not a directory'
    ]


def test_resource_of_an_unknown_charm_is_a_file_if_it_is_written_as_a_path() -> None:
    """On Kubernetes it may be a file that describes an image."""
    text = "applications: {a: {charm: a, resources: {x: ./x.tgz, y: reg/y}}}"

    assert len(refusals(text, Juju.V3_6)) == 1
    assert refusals(f"bundle: kubernetes\n{text}", Juju.V3_6) == []
