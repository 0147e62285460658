"""A runbook has the sections of its site, in the words of its Juju release."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from botlab import markdown as md
from botlab.assessment import Assessment, Request, assess
from botlab.findings import has_errors
from botlab.runbook.document import PLACEHOLDERS, runbook_text
from botlab.runbook.lab import Files, RunbookLab
from helpers.runbooks import blocks_of, example_names, sections_of
from helpers.runbooks.labs import EXAMPLES

ALL = [
    "Machines", "Applications", "Addresses", "Deploy", "Connect to the lab",
    "Add a machine with GPUs", "Replace a machine", "Change the address pools",
    "Replace credentials", "Back up", "Restore",
    "Upgrade the charms", "Upgrade Kubernetes", "Remove Kubeflow", "Remove everything",
]  # fmt: skip


def assessed(site: Path) -> Assessment:
    """Return the assessment of a site."""
    return assess(Request(site, output=site.with_name("bundle.yaml")))


def text_of(assessment: Assessment, files: Files | None = None) -> str:
    """Return the runbook of an assessment."""
    assert assessment.site is not None
    assert assessment.bundle is not None
    names = files or Files("site.yaml")
    parts = (assessment.bundle, assessment.juju, assessment.charms, names)
    return runbook_text(RunbookLab(assessment.site, *parts, assessment.model_options))


@cache
def runbook_of(example: str) -> str:
    """Return the runbook of an example."""
    return text_of(assessed(EXAMPLES / example / "site.yaml"))


def changed(directory: Path, example: str, changes: dict[str, Any]) -> str:
    """Return the runbook of an example with other keys at the top level of its site."""
    site = yaml.safe_load((EXAMPLES / example / "site.yaml").read_text(encoding="utf-8"))
    file = directory / "site.yaml"
    file.write_text(yaml.safe_dump({**site, **changes}, sort_keys=False), encoding="utf-8")
    assessment = assessed(file)
    assert not has_errors(assessment.findings), assessment.findings
    return text_of(assessment)


def commands_of(text: str) -> list[str]:
    """Return the commands of a text."""
    return [line for b in blocks_of(text) if b.language == "sh" for line in b.lines]


@pytest.mark.parametrize("example", ["botlab", "modern", "canonical", "air-gapped"])
def test_lab_with_all_parts_has_all_sections(example: str) -> None:
    assert list(sections_of(runbook_of(example))) == ALL


@pytest.mark.parametrize(
    ("example", "absent"),
    [
        ("existing-cluster", {"Add a machine with GPUs", "Upgrade Kubernetes"}),
        ("one-machine-2019", {"Remove Kubeflow"}),
        ("cilium", {"Change the address pools", "Remove Kubeflow"}),
        ("grouped-gpu-farm", {"Remove Kubeflow"}),
    ],
)
def test_part_that_a_lab_does_not_have_has_no_section(example: str, absent: set[str]) -> None:
    assert set(ALL) - set(sections_of(runbook_of(example))) == absent


@pytest.mark.parametrize("example", example_names())
def test_contents_and_links_lead_to_headings(example: str) -> None:
    text = runbook_of(example)
    headings = [md.anchor(title) for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]

    assert [link for link in re.findall(r"\]\(#(.*?)\)", text) if link not in headings] == []
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize("example", example_names())
def test_words_to_replace_are_explained(example: str) -> None:
    text = runbook_of(example)
    words = {w for c in commands_of(text) for w in re.findall(r"\b[A-Z]{4,}\b", c)}
    words -= {"NAME", "GPUS", "CHARMS", "KUBECONFIG"}
    explained = set(re.findall(r"^\| `([A-Z]+)` \|", text, re.MULTILINE))

    assert explained == words
    assert words <= set(PLACEHOLDERS)


@pytest.mark.parametrize("example", example_names())
def test_each_machine_and_each_application_is_in_the_tables(example: str) -> None:
    sections, assessment = (
        sections_of(runbook_of(example)),
        assessed(EXAMPLES / example / "site.yaml"),
    )
    assert assessment.site is not None
    assert assessment.bundle is not None

    machines = re.findall(r"^\| `(.*?)` \| (\d+) \|", sections["Machines"], re.MULTILINE)
    assert machines == [(name, str(i)) for i, name in enumerate(assessment.site.machines)]
    names = re.findall(r"^\| `(.*?)` \|", sections["Applications"], re.MULTILINE)
    assert names == list(assessment.bundle.applications)


@pytest.mark.parametrize(
    ("example", "expected", "others"),
    [
        ("botlab", r"juju (run-action|upgrade-charm) ", r"juju (run|refresh) "),
        ("ha-gpu-farm", r"juju (run-action|refresh) ", r"juju (run|upgrade-charm) "),
        ("modern", r"juju (run|refresh) ", r"juju (run-action|upgrade-charm|add-relation) "),
    ],
)
def test_commands_are_those_of_the_release(example: str, expected: str, others: str) -> None:
    commands = commands_of(runbook_of(example))

    assert [command for command in commands if re.match(others, command)] == []
    assert len([command for command in commands if re.match(expected, command)]) > 10


def test_juju_4_has_no_backup_of_the_controller_and_no_export(tmp_path: Path) -> None:
    commands = "\n".join(commands_of(changed(tmp_path, "modern", {"juju": "4.0"})))

    assert "create-backup" not in commands
    assert "juju-restore" not in commands
    assert "export-bundle" not in commands
    assert 'juju add-ssh-key "$(cat ~/.ssh/id_ed25519.pub)"' in commands


def test_worker_of_today_is_drained_because_its_charm_has_no_action_for_it() -> None:
    """The charm of 2019 has the action pause, and today's does not."""
    for example, option in (
        ("botlab", "--delete-local-data"),
        ("modern", "--delete-emptydir-data"),
    ):
        commands = commands_of(runbook_of(example))
        assert f"kubectl drain NODE --ignore-daemonsets {option}" in commands
        assert [command for command in commands if " pause" in command] == []


def test_flannel_of_2019_needs_both_kinds_of_snapshots() -> None:
    versions = [re.findall(r"keys-version=(v\d)", runbook_of(e)) for e in ("botlab", "modern")]
    assert [set(found) for found in versions] == [{"v3", "v2"}, {"v3"}]


def test_only_charms_with_an_action_for_it_are_backed_up_with_it() -> None:
    assert "easyrsa/leader backup" in runbook_of("modern")
    assert "easyrsa/leader backup" not in runbook_of("botlab")
    assert "has no action for a backup" in sections_of(runbook_of("botlab"))["Back up"]
    assert "The charm `k8s` has no action" in sections_of(runbook_of("canonical"))["Back up"]


def test_next_release_of_kubernetes_follows_the_lab() -> None:
    texts = {e: sections_of(runbook_of(e))["Upgrade Kubernetes"] for e in ("botlab", "canonical")}

    assert "juju config kubernetes-master channel=1.14/stable" in texts["botlab"]
    assert "juju refresh k8s --channel 1.35/stable" in texts["canonical"]
    assert "Upgrade botlab before the cluster" not in texts["canonical"]
    assert "Upgrade botlab before the" in sections_of(runbook_of("modern"))["Upgrade Kubernetes"]


@pytest.mark.parametrize("example", sorted(set(example_names()) - {"existing-cluster"}))
def test_site_with_the_proposed_machine_has_no_errors(tmp_path: Path, example: str) -> None:
    [block] = [
        b
        for b in blocks_of(sections_of(runbook_of(example))["Add a machine with GPUs"])
        if b.language == "yaml"
    ]
    shutil.copytree(EXAMPLES / example, tmp_path / "lab")
    layer = tmp_path / "layer.yaml"
    layer.write_text("\n".join(block.lines))

    assessment = assess(Request(tmp_path / "lab/site.yaml", layers=[layer]))
    before = assessed(EXAMPLES / example / "site.yaml")
    assert [f for f in assessment.findings if f.severity.value == "error"] == []
    assert assessment.bundle is not None
    assert before.bundle is not None
    assert len(assessment.bundle.machines) == len(before.bundle.machines) + 1


def test_removal_deletes_what_is_on_the_cluster_before_the_applications() -> None:
    commands = commands_of(sections_of(runbook_of("botlab"))["Remove everything"])
    order = [
        "juju run-action kubeflow-installer/leader uninstall --wait",
        "juju run-action nfs-server/leader remove-objects --wait",
        "juju run-action metallb/leader remove-objects --wait",
        "juju remove-application kubeflow-installer nfs-server metallb nvidia-runtime",
        "juju destroy-model botlab",
    ]
    assert [command for command in commands if command in order] == order


def test_secret_in_the_configuration_of_the_model_is_not_shown(tmp_path: Path) -> None:
    """A runbook is handed to other people."""
    proxies = ({"http": "http://lab:hunter2@proxy:3128"}, {"http": "http://proxy:3128"})
    texts = [changed(tmp_path, "modern", {"proxy": proxy}) for proxy in proxies]

    assert "hunter2" not in texts[0]
    assert "model-config" not in "\n".join(commands_of(texts[0]))
    assert "juju-http-proxy=http://proxy:3128" in "\n".join(commands_of(texts[1]))


def test_files_and_options_of_the_command_line_are_in_the_commands() -> None:
    files = Files(
        "my site.yaml",
        options=("--layer", "gpu.yaml"),
        overlays=("o/a b.yaml",),
        layers=("gpu.yaml",),
    )
    commands = commands_of(text_of(assessed(EXAMPLES / "modern/site.yaml"), files))

    assert "botlab validate 'my site.yaml' --layer gpu.yaml" in commands
    assert "juju deploy ./bundle.yaml --overlay './o/a b.yaml'" in commands
    [tar] = [command for command in commands if command.startswith("tar --create")]
    assert " -- 'my site.yaml' bundle.yaml gpu.yaml 'o/a b.yaml' " in tar


def test_external_export_is_backed_up_where_it_is() -> None:
    """Its unit has no data, so it is moved as the units of other charms."""
    sections = sections_of(runbook_of("nas"))
    assert (
        "Back up `nas.lab.example:/tank/k8s`, `10.20.0.9:/volume2/archive` on the server"
        in (sections["Back up"])
    )
    assert "sudo tar" not in sections["Back up"]
    assert "the data of the claims" not in sections["Replace a machine"]


def test_virtual_address_of_the_api_is_in_the_table_of_addresses() -> None:
    row = "| virtual address of the API server | `10.20.0.5`, `k8s.lab.example` |\n"
    assert row in sections_of(runbook_of("keepalived"))["Addresses"]


def test_first_machine_with_gpus_gets_its_charm_before_the_deployment() -> None:
    """The bundle of such a lab has another application, whose charm must be a file by then."""
    commands = commands_of(sections_of(runbook_of("two-racks"))["Add a machine with GPUs"])

    assert commands[:2] == ["botlab charms ./charms", "botlab validate site.yaml"]
    others = commands_of(sections_of(runbook_of("modern"))["Add a machine with GPUs"])
    assert others[0] == "botlab validate site.yaml"
