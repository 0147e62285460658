"""Where the facts about a bundle's charms come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from botlab.assessment import Assessment, Request, assess
from botlab.cli import main
from botlab.errors import BotlabError
from botlab.findings import path_text
from helpers.assessments import assess_layer, of_rule
from helpers.charm_archives import write_archive

FILES = {"metadata.yaml": "{name: db, provides: {pg: {interface: pg}}, series: [jammy]}"}


def assess_bundle(directory: Path, text: str, juju: str = "3.6", charms: str = "") -> Assessment:
    """Return the assessment of a bundle, perhaps with a directory of charms."""
    file = directory / "bundle.yaml"
    file.write_text(text, encoding="utf-8")
    return assess(Request(file, juju, charms=directory / charms if charms else None))


def juju_errors(assessment: Assessment) -> list[tuple[str, str]]:
    """Return the ids and keys of Juju's errors."""
    return [
        (finding.id, path_text(finding.path))
        for finding in assessment.findings
        if finding.source == "juju"
    ]


BUNDLE = """
applications:
  db: {charm: db, channel: stable, options: {typo: 1}}
  app: {charm: app, channel: stable, options: {typo: 1}}
relations: [["db:typo", app]]
"""


@pytest.mark.parametrize("name", ["db.charm", "db_ubuntu-22.04-amd64.charm", "db_r12.charm"])
def test_directory_of_charms_may_hold_archives(name: str, tmp_path: Path) -> None:
    """Under the names that charmcraft and `juju download` give them."""
    write_archive(tmp_path / "charms" / name, FILES)

    assessment = assess_bundle(tmp_path, BUNDLE, charms="charms")

    assert juju_errors(assessment) == [("J072", "applications.db.options.typo")]


def test_charm_without_facts_is_unknown_and_noted_once(tmp_path: Path) -> None:
    """Neither the charm nor its endpoints are missing in Juju's eyes."""
    write_archive(tmp_path / "charms/db.charm", FILES)
    text = "applications: {db: {charm: db}, x: {charm: x}, y: {charm: y}}\nrelations: [[db, x]]"

    assessment = assess_bundle(tmp_path, text, charms="charms")

    assert juju_errors(assessment) == []
    assert assessment.notes == (
        f"{tmp_path}/charms has no charm for x, y, so the options, endpoints and storage of these"
        " applications are not checked",
    )
    assert assess_bundle(tmp_path, text).notes == ()


def test_note_is_printed_beside_the_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, so that JSON stays JSON."""
    (tmp_path / "charms").mkdir()
    file = tmp_path / "bundle.yaml"
    file.write_text("applications: {x: {charm: x, channel: stable, revision: 1}}")
    arguments = ["--juju", "3.6", "--charms", str(tmp_path / "charms"), "--format", "json"]

    status = main(["validate", str(file), *arguments])

    output = capsys.readouterr()
    assert (status, json.loads(output.out)["findings"]) == (0, [])
    assert output.err.startswith(f"{file}: {tmp_path}/charms has no charm for x, so")


def test_charm_beside_the_bundle_is_read_without_being_named(tmp_path: Path) -> None:
    """Also a directory. It counts before the directory of charms."""
    write_archive(tmp_path / "my charms/a.charm", FILES)
    source = tmp_path / "b"
    source.mkdir()
    (source / "metadata.yaml").write_text("{name: b, series: [jammy]}")
    write_archive(tmp_path / "charms/a.charm", {"metadata.yaml": "{name: a, subordinate: true}"})
    text = """
applications:
  a: {charm: "./my charms/a.charm", num_units: 1, options: {typo: 1}}
  b: {charm: ./b, num_units: 1, options: {typo: 1}}
"""

    assessment = assess_bundle(tmp_path, text, charms="charms")

    assert juju_errors(assessment) == [
        ("J072", "applications.a.options.typo"),
        ("J072", "applications.b.options.typo"),
    ]


def test_broken_charm_is_one_error_with_the_name_of_its_file(tmp_path: Path) -> None:
    """Charms that are not used do not matter."""
    charms = tmp_path / "charms"
    charms.mkdir()
    for name in ("mine.charm", "unused.charm"):
        (charms / name).write_text("not a zip")
    text = "applications: {mine: {charm: ./charms/mine.charm, series: jammy}}"

    assessment = assess_bundle(tmp_path, text, charms="charms")

    assert [
        (path_text(finding.path), finding.message.partition(" is not")[0])
        for finding in of_rule(assessment.findings, "BL105")
    ] == [
        (
            "applications.mine.charm",
            f"the charm of mine cannot be read: {tmp_path}/charms/mine.charm:",
        )
    ]
    assert assessment.notes == ()


def test_broken_charm_of_the_directory_of_charms_cannot_be_read(tmp_path: Path) -> None:
    """The user named the directory, as any other input. Charms that are not used do not matter."""
    charms = tmp_path / "charms"
    charms.mkdir()
    for name in ("db.charm", "unused.charm"):
        (charms / name).write_text("not a zip")
    text = "applications: {db: {charm: db, channel: stable, revision: 1}}"

    with pytest.raises(BotlabError, match=f"^{tmp_path}/charms/db.charm: is not a charm archive"):
        assess_bundle(tmp_path, text, charms="charms")


def test_local_charm_that_does_not_exist_is_an_error_of_juju_only(tmp_path: Path) -> None:
    """There is nothing to read."""
    text = "applications: {a: {charm: ./a.charm, series: jammy}}"

    assessment = assess_bundle(tmp_path, text)

    assert juju_errors(assessment) == [("J031", "applications.a.charm")]
    assert of_rule(assessment.findings, "BL105") == []


def mistakes(charm: str) -> str:
    """Return a bundle with an application that has an unknown option and an unknown endpoint."""
    return (
        f"applications: {{e: {{{charm}, num_units: 1, options: {{typo: 1}}}},"
        " other: {charm: ./x, series: jammy}}"
    )


@pytest.mark.parametrize(
    ("charm", "juju", "is_described"),
    [
        ("charm: easyrsa, channel: 1.35/stable", "3.6", True),
        ("charm: 'ch:easyrsa', channel: '1.35', revision: 80", "4.0", True),
        ("charm: easyrsa, channel: 1.35/edge", "3.6", False),
        ("charm: easyrsa, channel: 1.29/stable", "3.6", False),
        ("charm: easyrsa", "3.6", False),
        ("charm: filesystem-client, channel: latest/edge", "3.6", True),
        ("charm: 'cs:~containers/easyrsa-195'", "2.6", True),
        ("charm: '~containers/easyrsa-195'", "2.6", True),
        ("charm: 'cs:~containers/bionic/easyrsa-195'", "2.9", True),
        ("charm: 'cs:~containers/easyrsa-196'", "2.9", False),
        ("charm: 'cs:easyrsa-195'", "2.9", False),
        ("charm: 'cs:~containers/easyrsa'", "2.9", False),
    ],
)
def test_catalogue_of_a_profile_describes_the_charms_of_plain_bundles(
    charm: str, juju: str, is_described: bool, tmp_path: Path
) -> None:
    """By name and channel, or by the revision in the Charm Store."""
    errors = juju_errors(assess_bundle(tmp_path, mistakes(charm), juju))

    assert (("J072", "applications.e.options.typo") in errors) is is_described


def test_catalogue_finds_endpoints_that_do_not_match(tmp_path: Path) -> None:
    """In a bundle that somebody wrote by hand."""
    text = """
applications:
  easyrsa: {charm: easyrsa, channel: 1.35/stable, num_units: 1}
  etcd: {charm: etcd, channel: 1.35/stable, num_units: 1}
relations: [["etcd:certificates", "easyrsa:clients"], ["etcd:db", "easyrsa:client"]]
"""
    assert juju_errors(assess_bundle(tmp_path, text)) == [
        ("J066", "relations[0]"),
        ("J068", "relations[1]"),
    ]


def site(keys: dict[str, Any]) -> dict[str, Any]:
    """Return a layer with settings of etcd."""
    return {"applications": {"etcd": keys}}


def test_site_is_checked_by_the_facts_of_its_local_charm(tmp_path: Path) -> None:
    """Where the file exists. Another charm than the profile's may have other options."""
    files = {
        "metadata.yaml": "{name: etcd, series: [bionic], storage: {data: {type: block}}}",
        "config.yaml": "options: {mine: {}, channel: {}}",
    }
    write_archive(tmp_path / "etcd.charm", files)
    local = {"local": "./etcd.charm"}

    own = assess_layer(tmp_path, site({"charm": local, "options": {"mine": "x", "port": 1}}))
    unknown = assess_layer(
        tmp_path, site({"charm": {"store": "cs:etcd-600"}, "options": {"mine": "x"}})
    )

    refused = [finding for finding in own.findings if finding.id == "J072"]
    assert [path_text(finding.path) for finding in refused] == ["applications.etcd.options.port"]
    assert refused[0].when == "deploy"
    assert "J072" not in {finding.id for finding in unknown.findings}


def test_missing_resource_file_of_a_site_is_a_warning_only(tmp_path: Path) -> None:
    """The file may be created before the deployment."""
    findings = assess_layer(tmp_path, site({"resources": {"etcd": "./etcd.snap"}})).findings

    assert len(of_rule(findings, "BL084")) == 1
    assert of_rule(findings, "J104") == []


def test_refusal_during_the_deployment_does_not_prevent_a_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run of Juju prints the changes, too."""
    file = tmp_path / "bundle.yaml"
    file.write_text("applications: {app-2: {charm: x, channel: stable, series: jammy}}")

    assert main(["plan", str(file), "--juju", "3.6"]) == 0
    output = capsys.readouterr()
    assert "- deploy application app-2 from charm-hub" in output.out
    assert "1 error" in output.err


@pytest.mark.parametrize(
    ("channel", "errors"),
    [
        ("1.32/stable", [("J072", "applications.k8s.options.load-balancer-bgp-peer-asn")]),
        ("1.33", []),
        ("1.36/stable", []),  # no profile has facts about it
    ],
)
def test_channel_of_a_charm_decides_which_facts_of_a_profile_apply(
    channel: str, errors: list[tuple[str, str]], tmp_path: Path
) -> None:
    """The option of the charm k8s came with 1.33."""
    options = "options: {load-balancer-bgp-peer-asn: 64500}"
    text = f"applications: {{k8s: {{charm: k8s, channel: {channel}, {options}}}}}"

    assert juju_errors(assess_bundle(tmp_path, text)) == errors
