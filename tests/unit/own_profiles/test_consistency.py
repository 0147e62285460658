"""The files of an own profile fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from botlab.findings import Finding, path_text
from botlab.own_profiles.reader import read_profiles
from helpers.own_profiles import COMPLETE, FACTS, SMALLEST, TEMPLATE, write_profile


def faults(directory: Path) -> list[Finding]:
    """Return the findings about the profiles of a directory."""
    return [finding for own in read_profiles(directory) for finding in own.findings]


def found(finding: Finding) -> tuple[str, str, str]:
    """Return what a finding says, without its fix."""
    return finding.id, path_text(finding.path), finding.message


def test_complete_profile_has_no_faults(tmp_path: Path) -> None:
    write_profile(tmp_path, COMPLETE, template=TEMPLATE, charms={"k8s": FACTS})

    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "control-plane: k8s",
            "control-plane: k9s",
            (
                "PF010",
                "control-plane",
                "control-plane is k9s, which is not an application of the profile",
            ),
        ),
        (
            '["3.6"]',
            '["2.6", "3.6"]',
            ("PF012", "juju[0]", "Juju 2.6 deploys nothing from Charmhub, but source is charmhub"),
        ),
        (
            'worker: ""',
            "worker: none",
            ("PF010", "worker", "worker is none, which is not an application of the profile"),
        ),
        (
            "{control-plane: 1}",
            "{control-plane: 1, etcd: 3}",
            (
                "PF010",
                "required-roles.etcd",
                "the role etcd is required, but no application has it",
            ),
        ),
        (
            "  k8s: {role: control-plane}",
            "  k8s: {role: control-plane}\n  metallb: {role: worker}",
            ("PF010", "applications.metallb", "metallb is a charm of this project"),
        ),
        (
            "  k8s: {role: control-plane}",
            "  k8s: {role: control-plane}\n  vault: {role: worker}",
            ("PF011", "applications.vault", "there are no facts about the charm vault"),
        ),
        (
            "  k8s: {role: control-plane}",
            "  k8s: {role: control-plane}\n  filesystem-client: {role: worker}",
            (
                "PF010",
                "applications.filesystem-client",
                "filesystem-client is a subordinate, so the role worker cannot place its units",
            ),
        ),
        (
            "{role: control-plane}",
            "{role: control-plane, store: etcd}",
            (
                "PF011",
                "applications.k8s",
                "store is 'etcd': is not a cs: URL with a revision",
            ),
        ),
        (
            'releases: ["1.35"]',
            'releases: ["1.34"]',
            ("PF012", "kubernetes", "kubernetes is 1.35, which is not one of the releases"),
        ),
        (
            'kubernetes: "1.35"',
            'kubernetes: ""',
            ("PF012", "kubernetes", "kubernetes is empty, but the profile has a control plane"),
        ),
        (
            'juju: ["3.6"]\nsource: charmhub',
            'juju: ["2.9"]\nsource: store',
            ("PF011", "applications.k8s", "source is store, but k8s has no key store"),
        ),
        (
            "required-roles:",
            "unused-keys: {nfs.sever: {problem: p, fix: f}}\nrequired-roles:",
            ("PF012", 'unused-keys."nfs.sever"', "nfs.sever is not a key of the site file"),
        ),
    ],
)
def test_parts_that_do_not_fit_are_faults(
    tmp_path: Path, old: str, new: str, fault: tuple[str, str, str]
) -> None:
    assert old in COMPLETE
    profile = COMPLETE.replace(old, new)
    write_profile(tmp_path, profile, template=TEMPLATE, charms={"k8s": FACTS})

    (finding,) = faults(tmp_path)
    assert found(finding) == fault
    assert finding.line > 0
    assert finding.fix


def test_juju_3_deploys_nothing_from_the_charm_store(tmp_path: Path) -> None:
    profile = COMPLETE.replace("source: charmhub", "source: store")
    profile = profile.replace("{role: control-plane}", "{role: control-plane, store: cs:k8s-1}")
    write_profile(tmp_path, profile, template=TEMPLATE, charms={"k8s": FACTS})

    (finding,) = faults(tmp_path)
    assert found(finding) == (
        "PF012", "juju[0]", "Juju 3.6 deploys nothing from the Charm Store, but source is store",
    )  # fmt: skip
    assert finding.fix == "remove 3.6, or write another source"


def test_principal_without_a_role_gets_no_units(tmp_path: Path) -> None:
    profile = COMPLETE.replace("{role: control-plane}", "{}")
    profile = profile.replace("required-roles: {control-plane: 1}", "required-roles: {}")
    write_profile(tmp_path, profile, template=TEMPLATE, charms={"k8s": FACTS})

    assert [found(finding) for finding in faults(tmp_path)] == [
        (
            "PF010",
            "applications.k8s",
            "k8s is not a subordinate and has no role, so it gets no units",
        )
    ]


def test_catalogue_file_has_the_name_of_its_charm_and_of_an_application(tmp_path: Path) -> None:
    """A file with another name would never be read."""
    charms = {"etcd": "name: etdc\nresources: [snap]\noffline: [core]\n", "etcdd": "name: etcdd\n"}
    write_profile(tmp_path, SMALLEST, charms=charms)

    assert [found(finding) for finding in faults(tmp_path)] == [
        ("PF011", "name", "name is etdc, but the file is etcd.yaml"),
        ("PF011", "offline[0]", "core is not one of the resources of the charm"),
        ("PF011", "name", "the profile has no application etcdd"),
    ]
    assert faults(tmp_path)[2].fix == "did you mean etcd?"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{% call m.application("k9s") %}{% endcall %}',
            "'k9s': the profile has no application k9s",
        ),
        ('{{ m.relation("k9s:a", "k8s:b") }}', "'k9s:a': the profile has no application k9s"),
        ('{{ m.relation("k8s:a", "k9s:b") }}', "'k9s:b': the profile has no application k9s"),
        (
            "{% for a in instances('k9s') %}{% endfor %}",
            "'k9s': the profile has no application k9s",
        ),
    ],
)
def test_mistyped_application_in_a_template_is_a_fault(
    tmp_path: Path, line: str, message: str
) -> None:
    """The macros leave out an application that is not deployed."""
    template = f"{TEMPLATE}{line}\n"
    home = write_profile(tmp_path, COMPLETE, template=template, charms={"k8s": FACTS})

    (fault,) = faults(tmp_path)
    assert (fault.id, fault.file, fault.line) == ("PF021", f"{home}/bundle.yaml.j2", 9)
    assert (fault.message, fault.fix) == (message, "did you mean k8s?")


def test_charms_of_this_project_can_be_named_in_a_template(tmp_path: Path) -> None:
    template = TEMPLATE + '{{ m.relation("metallb:kube-control", "k8s:kube-control") }}\n'
    write_profile(tmp_path, COMPLETE, template=template, charms={"k8s": FACTS})

    assert faults(tmp_path) == []
