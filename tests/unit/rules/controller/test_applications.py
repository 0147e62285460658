"""Refusals of names, of constraints on subordinates, of bindings and of architectures."""

from __future__ import annotations

import pytest

from botlab.findings import path_text
from botlab.juju import Juju
from helpers.charm_archives import manifest
from helpers.refusals import charm, messages, refusals

SUBORDINATE = "{name: sub, subordinate: true, requires: {host: {interface: x, scope: container}}}"
UP_TO_3 = (Juju.V2_6, Juju.V2_9, Juju.V3_6)


@pytest.mark.parametrize("juju", UP_TO_3)
@pytest.mark.parametrize("name", ["app-2", "my_app"])
def test_name_with_a_part_without_a_letter_or_with_an_underscore_is_refused(
    juju: Juju, name: str
) -> None:
    """A client reads the names of applications only in relations and placements."""
    (finding,) = refusals(f"applications: {{{name}: {{charm: x}}}}", juju)

    assert finding.message == (
        f'cannot deploy application "{name}": cannot add application "{name}": invalid name'
    )
    assert finding.when == "deploy"


def test_juju_4_words_an_invalid_name_differently() -> None:
    """The domain's error is replaced by the facade's."""
    findings = refusals("applications: {app-2: {charm: x}}", Juju.V4_0)

    assert messages(findings) == [
        'cannot deploy application "app-2": cannot deploy "app-2": application name is not valid'
    ]


@pytest.mark.parametrize(
    ("juju", "message"),
    [
        (Juju.V2_6, 'invalid application "app-2"'),
        (Juju.V2_9, '"application-app-2" is not a valid application tag'),
        (Juju.V4_0, '"application-app-2" is not a valid application tag'),
    ],
)
def test_resources_of_an_application_with_an_invalid_name_are_refused_first(
    juju: Juju, message: str
) -> None:
    """The client announces them before it deploys the application."""
    facts = charm("{name: x, resources: {blob: {type: file, filename: b}}}")

    findings = refusals("applications: {app-2: {charm: x}}", juju, {"app-2": facts})

    assert messages(findings) == [message]


@pytest.mark.parametrize("juju", UP_TO_3)
def test_subordinate_with_constraints_is_refused(juju: Juju) -> None:
    """Whatever the constraints are."""
    text = "applications: {sub: {charm: sub, constraints: mem=2G}}"

    (finding,) = refusals(text, juju, {"sub": charm(SUBORDINATE)})

    assert finding.message == (
        'cannot deploy application "sub": subordinate application must be deployed without'
        " constraints"
    )
    assert path_text(finding.path) == "applications.sub.constraints"


@pytest.mark.parametrize(
    ("constraints", "shown"),
    [("arch=amd64", "arch=amd64"), ("tags=a,b mem=2G cpu-cores=2", "cores=2 mem=2048M tags=a,b")],
)
def test_juju_4_quotes_the_constraints_of_the_subordinate(constraints: str, shown: str) -> None:
    """In its own order, with sizes in MiB. The first text was recorded."""
    text = f"applications: {{nvidia-runtime: {{charm: sub, constraints: '{constraints}'}}}}"

    findings = refusals(text, Juju.V4_0, {"nvidia-runtime": charm(SUBORDINATE)})

    assert messages(findings) == [
        'cannot deploy application "nvidia-runtime": cannot deploy "nvidia-runtime": subordinate'
        f' application must be deployed without constraints, not "{shown}"'
    ]


def test_constraints_of_a_principal_or_of_an_unknown_charm_are_not_refused() -> None:
    """Only the charm says whether an application is a subordinate."""
    text = "applications: {a: {charm: a, constraints: mem=2G}, b: {charm: b, constraints: mem=2G}}"

    assert refusals(text, Juju.V3_6, {"a": charm("{name: a}")}) == []


BINDINGS = (
    "applications: {a: {charm: a, bindings: {'': alpha, db: alpha, wan: alpha, typo: alpha}}}"
)
BINDINGS_CHARM = "{name: a, requires: {db: {interface: pg}}, extra-bindings: {wan: }}"


@pytest.mark.parametrize("juju", UP_TO_3)
def test_binding_of_an_unknown_endpoint_is_refused(juju: Juju) -> None:
    """The default space, endpoints and extra bindings are known."""
    (finding,) = refusals(BINDINGS, juju, {"a": charm(BINDINGS_CHARM)})

    assert finding.message == (
        'cannot deploy application "a": cannot add application "a": unknown endpoint "typo" not'
        " valid"
    )
    assert path_text(finding.path) == "applications.a.bindings.typo"


def test_juju_4_binds_the_implicit_endpoint_too() -> None:
    """It stores juju-info with the endpoints of each charm; earlier releases do not."""
    text = "applications: {a: {charm: a, bindings: {juju-info: alpha}}}"
    charms = {"a": charm("{name: a}")}

    assert refusals(text, Juju.V4_0, charms) == []
    assert len(refusals(text, Juju.V3_6, charms)) == 1


def local(metadata: str, *architectures: str, constraints: str = "") -> list[str]:
    """Return the messages about a local charm whose manifest names some architectures."""
    facts = charm(metadata, manifest=manifest("22.04", architectures=architectures))
    text = f"applications: {{a: {{charm: ./a, base: ubuntu@22.04, constraints: '{constraints}'}}}}"
    return messages(refusals(text, Juju.V4_0, {"a": facts}, local_files=["a"]))


@pytest.mark.parametrize("architectures", [("amd64", "arm64"), ()])
def test_local_subordinate_needs_a_manifest_with_one_architecture(
    architectures: tuple[str, ...],
) -> None:
    """Juju 4 cannot choose between two, and does not know the principal's yet."""
    assert local(SUBORDINATE, *architectures) == [
        'cannot deploy application "a": cannot deploy "a": creating application "a": creating IAAS'
        ' application "a": inserting IAAS application "a": cannot insert application with an empty'
        " architecture"
    ]
    assert local(SUBORDINATE, "arm64") == []


def test_local_principal_of_one_architecture_needs_the_constraint_for_it() -> None:
    """Without a constraint, Juju 4 deploys applications to amd64."""
    refusal = [
        'cannot deploy application "a": cannot deploy "a": preparing application args: arch in'
        " platform and constraints for application do not match"
    ]

    assert local("{name: a}", "arm64") == refusal
    assert local("{name: a}", "amd64", constraints="arch=arm64") == refusal
    assert local("{name: a}", "arm64", constraints="arch=arm64") == []
    assert local("{name: a}", "amd64", "arm64") == []
