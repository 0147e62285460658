"""Uploads and upgrades of charms in the plans of each Juju release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from botlab.juju import Juju
from botlab.plan import Model, PlanError
from botlab.plan.model import ModelApplication
from helpers.juju_records import pack_charm
from helpers.plans import plan_lines, planned, uploads


def model_with(charm: str, **fields: Any) -> Model:
    """Return a model with the application ``a``."""
    return Model({"a": ModelApplication(charm=charm, **fields)})


def test_juju_4_names_an_architecture_only_where_a_constraint_does() -> None:
    """Both applications have the same revision."""
    text = """
default-base: ubuntu@22.04
applications:
  a: {charm: ubuntu, channel: stable, revision: 24, num_units: 1}
  b: {charm: ubuntu, channel: stable, revision: 24, num_units: 1, constraints: arch=arm64}
"""
    start = "upload charm ubuntu from charm-hub for base ubuntu@22.04/stable with revision 24"

    assert uploads(plan_lines(text, Juju.V4_0)) == [start, f"{start} with architecture=arm64"]
    assert uploads(plan_lines(text, Juju.V3_6))[0] == f"{start} with architecture=amd64"


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_architecture_of_the_model_applies_where_the_application_has_none(juju: Juju) -> None:
    """A constraint of a machine does not count."""
    text = """
applications:
  web: {charm: web, num_units: 1, to: ["3"]}
  db: {charm: db, num_units: 1, constraints: arch=s390x mem=2G}
machines: {"3": {constraints: arch=ppc64el}}
"""

    assert uploads(plan_lines(text, juju, model_constraints="mem=1G arch=arm64")) == [
        "upload charm db from charm-hub with architecture=s390x",
        "upload charm web from charm-hub with architecture=arm64",
    ]


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_missing_channel_counts_as_stable_when_uploads_are_shared(juju: Juju) -> None:
    """The upload has the channel of the first application."""
    series = "series: jammy" if juju < Juju.V4_0 else "default-base: ubuntu@22.04"
    text = f"""
{series}
applications:
  a: {{charm: ubuntu, num_units: 1}}
  b: {{charm: ubuntu, num_units: 1, channel: stable}}
"""

    assert len(uploads(plan_lines(text, juju))) == 1


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_charm_with_and_without_its_schema_is_uploaded_once(juju: Juju) -> None:
    """Another channel, however, needs another upload."""
    text = """
applications:
  web1: {charm: "ch:web", channel: stable}
  web2: {charm: web}
  web10: {charm: web, channel: edge}
"""

    assert len(uploads(plan_lines(text, juju))) == 2


def test_revision_of_a_charm_store_charm_becomes_a_part_of_its_url() -> None:
    """With Charmhub it does not."""
    text = """
applications:
  a: {charm: "cs:web", channel: stable, revision: 3, series: bionic}
  b: {charm: web, channel: stable, revision: 3, series: bionic}
"""
    changes = planned(text, Juju.V2_9).changes

    assert [change.args[0] for change in changes if change.method == "addCharm"] == [
        "cs:web-3",
        "ch:web",
    ]


def test_charm_of_the_store_is_uploaded_once_by_juju_2_6() -> None:
    """The store is the default. Series and constraints do not count."""
    text = """
applications:
  web: {charm: web-3, series: bionic}
  web2: {charm: "cs:web-3", series: xenial, constraints: arch=arm64}
"""

    assert uploads(plan_lines(text, Juju.V2_6)) == ["upload charm cs:web-3 for series bionic"]


@pytest.mark.parametrize("juju", list(Juju))
def test_local_charm_of_the_model_is_never_upgraded(juju: Juju, tmp_path: Path) -> None:
    """Whatever the archive contains: Juju plans with the charm of the model."""
    pack_charm(tmp_path / "c.charm", {"name": "c", "series": ["bionic"], "bases": ["22.04"]})
    text = "applications: {a: {charm: ./c.charm, num_units: 1}}"
    model = model_with("local:c-7", revision=7)

    lines = plan_lines(text, juju, directory=str(tmp_path), model=model)

    assert [line for line in lines if line.startswith(("upgrade", "deploy"))] == []
    assert [line for line in lines if str(tmp_path) in line] == []


def test_local_charm_of_another_architecture_is_looked_for_again() -> None:
    """Juju 4 then fails, because the URL of the model is not a file."""
    text = """
applications: {a: {charm: ./c.charm, base: ubuntu@24.04, num_units: 1CONSTRAINTS}}
"""
    model = {"platform": "ubuntu@24.04/stable", "revision": 1, "constraints": {"arch": "amd64"}}

    assert uploads(
        plan_lines(
            text.replace("CONSTRAINTS", ""), Juju.V4_0, model=model_with("local:c-1", **model)
        )
    ) == ["upload charm c from local for base ubuntu@24.04/stable"]
    same = text.replace("CONSTRAINTS", ", constraints: arch=amd64")
    assert uploads(plan_lines(same, Juju.V4_0, model=model_with("local:c-1", **model))) == []


@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_newer_revision_in_the_bundle_is_an_upgrade(juju: Juju) -> None:
    """The channel must be the one of the model."""
    text = "applications: {a: {charm: a, channel: edge, revision: 8}}"
    model = model_with("a", channel="edge", revision=7)

    assert [line for line in plan_lines(text, juju, model=model) if "upgrade" in line] == [
        "upgrade a from charm-hub using charm a from channel edge"
    ]


@pytest.mark.parametrize(
    ("application", "deployed", "message"),
    [
        (
            "channel: edge, revision: 6",
            {"channel": "edge", "revision": 7},
            'application "a": downgrades are not currently supported: deployed revision 7 is newer'
            " than requested revision 6",
        ),
        (
            "channel: 1.29",
            {"channel": "1.28/stable", "revision": 7},
            'application "a": upgrades not supported across channels (existing: "1.28/stable",'
            ' requested: "1.29/stable"); use --force to override',
        ),
        (
            "channel: edge",
            {"revision": 7},
            'upgrades not supported when the channel for "a" is unknown; use --force to override',
        ),
    ],
)
@pytest.mark.parametrize("juju", [Juju.V2_9, Juju.V3_6, Juju.V4_0])
def test_refused_upgrade_has_jujus_own_message(
    juju: Juju, application: str, deployed: dict[str, Any], message: str
) -> None:
    """Juju only goes forward in one channel."""
    text = f"applications: {{a: {{charm: a, {application}}}}}"

    with pytest.raises(PlanError) as raised:
        plan_lines(text, juju, model=model_with("a", **deployed))
    assert str(raised.value) == message


@pytest.mark.parametrize("juju", [Juju.V2_6, Juju.V2_9])
def test_store_charm_without_a_revision_keeps_the_one_of_the_model(juju: Juju) -> None:
    """Whether the store has a newer one is not known."""
    text = 'applications: {a: {charm: "cs:~ann/a", series: bionic}}'
    model = model_with("cs:~ann/a-3", revision=3, platform="bionic", channel="stable")

    assert plan_lines(text, juju, model=model) == []


def test_other_charm_is_an_upgrade() -> None:
    """2.6 names its whole URL."""
    text = 'applications: {a: {charm: "cs:a-4"}}'

    assert plan_lines(text, Juju.V2_6, model=model_with("cs:a-3", revision=3)) == [
        "upload charm cs:a-4",
        "upgrade a to use charm cs:a-4",
    ]
