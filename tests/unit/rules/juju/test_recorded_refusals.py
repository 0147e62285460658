"""Bundles that a client of Juju 4.0.15 refused in a dry run, with its recorded words."""

from __future__ import annotations

import copy
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab.assessment import Request, assess
from botlab.findings import Finding
from helpers.juju_records import GOOD_BUNDLE

MANIFEST = "bases: [{name: ubuntu, channel: 22.04/stable, architectures: [amd64]}]\n"
REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"applications": {"tiny": {"to": ["9"]}}},
        ['placement "9" refers to a machine not defined in this bundle'],
    ),
    (
        {"machines": {"0": {"constraints": "tag=foo"}}},
        ['invalid constraints "tag=foo" in machine "0": unknown constraint "tag"'],
    ),
    (
        {"machines": {"0": {"base": "ubuntu@notachannel/x/y/z"}}},
        ['invalid base "ubuntu@notachannel/x/y/z" for machine "0"'],
    ),
    (
        {"relations": [["etcd:certificates", "etcd:db"]]},
        ['relation ["etcd:certificates" "etcd:db"] relates an application to itself'],
    ),
    (
        {
            "applications": {
                "tiny": {
                    "expose": True,
                    "exposed-endpoints": {"web": {"expose-to-cidrs": ["10.0.0.0/8"]}},
                }
            }
        },
        [
            'exposed-endpoints cannot be specified together with "exposed:true" in application'
            ' "tiny" as this poses a security risk when deploying bundles to older controllers'
        ],
    ),
    (
        {"applications": {"tiny": {"charm": ""}}},
        [
            "empty charm path",
            'invalid charm URL in application "tiny": cannot parse name and/or revision in URL'
            ' "": name "" not valid',
        ],
    ),
    (
        {"machines": {"1": {"base": "ubuntu@22.04"}}},
        ['machine "1" is not referred to by a placement directive'],
    ),
]
# What the dry run took, and the controller refused or took as well.
ACCEPTED: list[dict[str, Any]] = [
    {},
    {"relations": [["etcd:certificates", "tiny:web"]]},
    {"series": "jammy"},
    {"applications": {"tiny": {"options": {"size": "big"}}}},
    {"applications": {"tiny": {"to": ["docker:0"]}}},
    {"applications": {"tiny": {"resources": {"nosuch": "./gen.py"}}}},
    {"applications": {"tiny": {"storage": {"data": "10G"}}}},
    {"applications": {"tiny": {"optoins": {"colour": "x"}}}},
    {"applications": {"tiny": {"bindings": {"nosuch": "alpha"}}}},
    {"applications": {"tiny": {"channel": "latest/stable"}}},
    {"applications": {"tiny": {"revision": 4}}},
]


def merged(target: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with changes merged into it."""
    result = copy.deepcopy(target)
    for key, change in changes.items():
        is_mapping = isinstance(change, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], change) if is_mapping else change
    return result


def refusals(directory: Path, text: str) -> list[Finding]:
    """Return the findings that name a refusal of the dry run, for Juju 4.0."""
    (directory / "charms").mkdir()
    for name in ("tiny", "easyrsa", "etcd"):
        with zipfile.ZipFile(directory / f"charms/{name}.charm", "w") as archive:
            archive.writestr("metadata.yaml", f"name: {name}\nsummary: s\ndescription: d\n")
            archive.writestr("manifest.yaml", MANIFEST)
    file = directory / "bundle.yaml"
    file.write_text(text, encoding="utf-8")
    return [
        finding for finding in assess(Request(file, "4.0")).findings if finding.when == "dry-run"
    ]


@pytest.mark.parametrize(("changes", "messages"), REFUSED)
def test_refused_bundle_has_the_recorded_words(
    tmp_path: Path, changes: dict[str, Any], messages: list[str]
) -> None:
    """One finding for each line."""
    findings = refusals(tmp_path, yaml.safe_dump(merged(GOOD_BUNDLE, changes)))

    assert [finding.message for finding in findings] == messages
    assert {finding.source for finding in findings} == {"juju"}


def test_text_that_is_not_yaml_has_the_recorded_words(tmp_path: Path) -> None:
    """The client counts the line before the fault."""
    (finding,) = refusals(tmp_path, "applications: [\n")

    assert finding.message == (
        "cannot unmarshal bundle contents: unmarshal document 0: yaml: line 1: did not find"
        " expected node content"
    )


@pytest.mark.parametrize("changes", ACCEPTED)
def test_accepted_bundle_has_no_refusal(tmp_path: Path, changes: dict[str, Any]) -> None:
    """The dry run printed its changes."""
    assert refusals(tmp_path, yaml.safe_dump(merged(GOOD_BUNDLE, changes))) == []
