"""The pages of the rules: complete, true, and printed by `botlab explain`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from botlab.assessment import Request, assess, parser_findings
from botlab.bundle import BundleSource, parse_bundle
from botlab.bundle.charm_url import charm_name
from botlab.catalogue.profiles import load_profile
from botlab.cli.terraform import plan_of
from botlab.findings import Finding, path_text
from botlab.juju import Juju
from botlab.rules.lab import find_rule, lab_findings, rules
from botlab.rules.pages import find_rule_page, rule_pages
from botlab.rules.subject import Subject
from botlab.terraform import PlanSource, terraform_plan
from helpers.assessments import assess_layer
from helpers.rule_pages import DIRECTORY, SECTIONS, RuleExample, example_of, example_site, page_of

ROOT = Path(__file__).resolve().parents[3]
CHARMS = load_profile("k8s-1.13").charms
IDS = [page.id for page in rule_pages()]
# The rules of `render --format terraform`.
PLAN_RULES = {"BL160", "BL161", "BL163", "BL164"}
FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)


def findings_of(text: str, example: RuleExample, directory: Path) -> list[Finding]:
    """Return the findings about a text of an example."""
    if example.is_layer:
        assessment = assess_layer(directory, text, is_valid=False, maas=example.maas)
        if example.rule_id not in PLAN_RULES:
            return list(assessment.findings)
        plan, _ = plan_of(assessment, "site.yaml", directory / "main.tf")
        return [*assessment.findings, *plan.findings]
    juju = Juju.parse(example.juju)
    parsed = parse_bundle(BundleSource(text), juju)
    bundle = parsed.bundle
    charms = {
        name: CHARMS[charm]
        for name, application in bundle.applications.items()
        if application and (charm := charm_name(application.charm)) in CHARMS
    }
    if example.rule_id in PLAN_RULES:
        source = PlanSource(bundle, juju, "lab", directory, charms=charms)
        return [*parser_findings(parsed), *terraform_plan(source).findings]
    return [*parser_findings(parsed), *lab_findings(Subject(bundle, juju, charms))]


@pytest.mark.parametrize("rule_id", IDS)
def test_example_is_reported_as_its_page_says(rule_id: str, tmp_path: Path) -> None:
    """The finding has the id, the severity and the key of the page, and a fix."""
    example, page = example_of(rule_id), find_rule_page(rule_id)
    findings = findings_of(example.reported, example, tmp_path)

    assert page is not None
    assert (rule_id, page.severity, example.path) in {
        (finding.id, finding.severity.value, path_text(finding.path)) for finding in findings
    }
    assert all(finding.fix for finding in findings)


@pytest.mark.parametrize("rule_id", IDS)
def test_similar_text_without_the_fault_is_not_reported(rule_id: str, tmp_path: Path) -> None:
    """It differs little from the example, and is valid."""
    example = example_of(rule_id)
    findings = findings_of(example.accepted, example, tmp_path)

    assert {finding.id for finding in findings} & {rule_id, "BL001", "BL002", "BL003"} == set()


def test_every_rule_of_the_source_has_a_page_and_every_page_a_rule() -> None:
    """The ids in the source are those of the pages."""
    sources = (file.read_text(encoding="utf-8") for file in (ROOT / "generator").rglob("*.py"))
    ids = {rule_id for text in sources for rule_id in re.findall(r'"(BL\d{3})"', text)}

    assert sorted(ids) == IDS
    assert {rule.id for rule in rules()} <= ids
    assert len(rules()) >= 40


@pytest.mark.parametrize("rule_id", IDS)
def test_page_has_the_sections_and_the_severity_of_its_rule(rule_id: str) -> None:
    """All pages have the same form."""
    page, rule = find_rule_page(rule_id), find_rule(rule_id)

    assert page is not None
    assert re.findall(r"^## (.+)$", page.markdown, re.MULTILINE) == SECTIONS
    assert rule is None or rule.severity.value == page.severity


@pytest.mark.parametrize("rule_id", IDS)
def test_page_says_what_to_do_with_a_command_or_yaml_that_can_be_copied(rule_id: str) -> None:
    """The YAML can be parsed and has no repeated keys, and the shell can split the commands."""
    blocks = FENCE.findall(page_of(rule_id).partition("## What to do")[2])

    assert blocks
    for language, text in blocks:
        assert language in ("yaml", "shell")
        if language == "yaml":
            assert isinstance(yaml.safe_load(text), dict)
        else:
            assert all(map(shlex.split, text.replace("\\\n", " ").splitlines()))


def test_site_yaml_of_the_pages_is_valid(tmp_path: Path) -> None:
    """Each section of a site that a page proposes can be read, alone or over the example site."""
    problems: list[tuple[str, str, str]] = []
    for rule_id in IDS:
        for language, text in FENCE.findall(page_of(rule_id).partition("## What to do")[2]):
            if language == "yaml" and not re.search(
                r"charm: [^{]|relations:|num_units|^ *\"", text, re.M
            ):
                findings = assess_layer(tmp_path, text, is_valid=False).findings
                problems += [
                    (rule_id, finding.id, finding.message)
                    for finding in findings
                    if finding.id < "BL010"
                ]

    assert problems == []


def test_index_lists_every_page() -> None:
    """In order, with severity and title."""
    index = (DIRECTORY / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(BL\d+)\]\((BL\d+)\.md\) \| (\w+) \| (.+) \|$", index, re.MULTILINE)

    assert rows == [(page.id, page.id, page.severity, page.title) for page in rule_pages()]
    assert {file.name for file in DIRECTORY.iterdir()} == {"README.md", *(f"{i}.md" for i in IDS)}


def test_links_of_the_pages_lead_somewhere() -> None:
    """Each relative link names a file of the repository."""
    for file in DIRECTORY.iterdir():
        for target in re.findall(r"\]\(([^)#:]+)", file.read_text(encoding="utf-8")):
            assert (DIRECTORY / target).is_file(), f"{file.name}: {target}"


def test_example_site_has_no_findings(tmp_path: Path) -> None:
    """Whatever an example reports comes from its own lines."""
    site = tmp_path / "site.yaml"
    site.write_text(example_site(), encoding="utf-8")

    assert assess(Request(site)).findings == ()


def test_page_in_a_terminal_has_no_links_and_no_fences() -> None:
    """Code is indented instead."""
    page = find_rule_page("bl031")

    assert page is not None
    text = page.plain_text()
    assert "```" not in text
    assert "](" not in text
    assert "This layer over the example site is reported at\n" in text
    assert "\n    metallb:\n      pools:\n" in text
