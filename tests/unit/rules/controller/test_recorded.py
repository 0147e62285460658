"""The refusals that a real Juju 4.0.15 printed when it deployed changes of a good bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.findings import Finding, path_text
from helpers.charm_archives import EASYRSA, ETCD, TINY, write_archive
from helpers.juju_records import GOOD_BUNDLE

# A key of tiny with its value, the key that is refused, and the recorded text after
# `ERROR cannot deploy bundle: `.
REFUSED = [
    (
        {"options": {"size": "big"}},
        "applications.tiny.options.size",
        'cannot deploy application "tiny": cannot deploy "tiny": preparing application args:'
        ' validating create application args: validating application config: option "size"'
        ' expected int, got "big"',
    ),
    (
        {"to": ["docker:0"]},
        "applications.tiny.to[0]",
        'cannot create machine for holding tiny unit: invalid container type "docker"',
    ),
    (
        {"resources": {"nosuch": "./gen.py"}},
        "applications.tiny.resources.nosuch",
        'unrecognized resource "nosuch"',
    ),
    (
        {"storage": {"data": "10G"}},
        "applications.tiny.storage.data",
        'cannot deploy application "tiny": cannot deploy "tiny": preparing application args:'
        " validating create application args: invalid storage directive overrides: storage"
        ' directive "data" does not exist in the charm',
    ),
    (
        {"bindings": {"nosuch": "alpha"}},
        "applications.tiny.bindings.nosuch",
        'cannot deploy application "tiny": cannot deploy "tiny": creating application "tiny":'
        ' creating IAAS application "tiny": inserting IAAS application "tiny": inserting exposed'
        ' endpoints for application "tiny": checking charm relation: charm relation(s) or extra'
        ' binding "nosuch" not found',
    ),
    (
        {"channel": "latest/stable"},
        "applications.tiny.channel",
        'unexpected charm "local:tiny-0", charm not found for application "tiny"',
    ),
]


def juju_errors(directory: Path, bundle: dict[str, Any]) -> list[Finding]:
    """Return what Juju 4.0 refuses in a bundle with the recorded charms."""
    for name, files in (("tiny", TINY), ("easyrsa", EASYRSA), ("etcd", ETCD)):
        write_archive(directory / "charms" / f"{name}.charm", files)
    file = directory / "bundle.yaml"
    file.write_text(yaml.safe_dump(bundle), encoding="utf-8")
    findings = assess(Request(file, "4.0")).findings
    return [finding for finding in findings if finding.source == "juju"]


def changed(**keys: Any) -> dict[str, Any]:
    """Return the good bundle with other keys of the application tiny."""
    tiny = {**GOOD_BUNDLE["applications"]["tiny"], **keys}
    return {**GOOD_BUNDLE, "applications": {**GOOD_BUNDLE["applications"], "tiny": tiny}}


@pytest.mark.parametrize(("keys", "path", "message"), REFUSED)
def test_refusal_of_a_real_controller_is_reported_in_its_words(
    keys: dict[str, Any], path: str, message: str, tmp_path: Path
) -> None:
    """The charms beside the bundle are read without being named."""
    (finding,) = juju_errors(tmp_path, changed(**keys))

    assert (path_text(finding.path), finding.message) == (path, message)
    assert finding.when == "deploy"


def test_mismatched_interfaces_are_refused_when_the_relation_is_added(tmp_path: Path) -> None:
    """The recorded text."""
    bundle = {**GOOD_BUNDLE, "relations": [["etcd:certificates", "tiny:web"]]}

    (finding,) = juju_errors(tmp_path, bundle)

    assert finding.message == (
        'cannot add relation between "etcd:certificates" and "tiny:web": adding relation between'
        ' endpoints "etcd:certificates" and "tiny:web": cannot relate endpoints'
        ' "etcd:certificates" and "tiny:web": no compatible endpoints found between applications'
    )
    assert (finding.when, finding.path) == ("deploy", ("relations", 0))


@pytest.mark.parametrize(
    "bundle",
    [
        GOOD_BUNDLE,
        changed(revision=4),
        changed(optoins={"colour": "x"}),
        {**GOOD_BUNDLE, "series": "jammy"},
        {**GOOD_BUNDLE, "machines": {"0": {"base": "ubuntu@24.04"}}},
    ],
)
def test_bundle_that_a_real_controller_deployed_has_no_error_of_juju(
    bundle: dict[str, Any], tmp_path: Path
) -> None:
    """A revision, unknown keys, `series`, and a machine with another base."""
    assert juju_errors(tmp_path, bundle) == []


def test_units_of_a_subordinate_are_no_error_of_juju_4(tmp_path: Path) -> None:
    """It accepts them, while 3.6 refuses them."""
    subordinate = {
        "metadata.yaml": "{name: sub, subordinate: true, requires: {host: {interface: juju-info,"
        " scope: container}}}",
        "manifest.yaml": TINY["manifest.yaml"],
    }
    write_archive(tmp_path / "charms/sub.charm", subordinate)
    body = {"charm": "./charms/sub.charm", "num_units": 1}
    bundle = {**GOOD_BUNDLE, "applications": {**GOOD_BUNDLE["applications"], "sub": body}}

    assert juju_errors(tmp_path, bundle) == []
