"""OpenTofu or Terraform accepts the plans of botlab, and refuses what the Python check refuses.

The provider is a small program with the schema of botlab's table, because the Juju provider cannot
be downloaded as a Go module. It needs Go, and tofu or terraform; without them the tests are
skipped. The short version has the example and a few bundles, the long version more bundles.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from botlab.juju import Juju
from botlab.terraform import TerraformPlan
from botlab.terraform.document import Attribute, Block, Section
from botlab.terraform.hcl import quote, write_sections
from botlab.terraform.schema import provider_line
from helpers.go_programs import UnavailableError
from helpers.terraform_plans import (
    MUTATIONS,
    generated_plans,
    plan_of_bundle,
    plan_of_example,
    plan_of_published_example,
    published_examples,
)
from helpers.terraform_program import TerraformProgram

IS_LONG = bool(os.environ.get("BOTLAB_LONG"))
BUNDLES = 300 if IS_LONG else 40
# The parts of errors that OpenTofu and Terraform report.
REFUSALS = {
    "unknown attribute": 'An argument named "chanel" is not expected here',
    "wrong type": 'Inappropriate value for attribute "config"',
    "missing attribute": 'The argument "model_uuid" is required',
}
TEXTS = [
    "plain", 'say "hi"', "a\\ b", "a\nb", "a\r\n\tb", "${x}", "$${x}", "%{if}", "%%{if}", "$", "%",
    "\x01\x1b", "\u202e\u2028", "\U0001f600", "Käfig", "a: ${b}\n  c: \\d\n", "EOT\n\n", "\n\n",
]  # fmt: skip


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> TerraformProgram:
    """Return the program with its provider, or skip with the reason."""
    try:
        return TerraformProgram(tmp_path_factory.mktemp("terraform"))
    except UnavailableError as reason:
        pytest.skip(f"needs OpenTofu or Terraform with a provider: {reason}")


def write(plan: TerraformPlan, directory: Path) -> Path:
    """Write a plan, and return its directory."""
    directory.mkdir(exist_ok=True)
    (directory / "main.tf").write_text(plan.text, encoding="utf-8")
    return directory


def test_plan_of_the_example_is_accepted(program: TerraformProgram, tmp_path: Path) -> None:
    plan = write(plan_of_example("modern-store"), tmp_path)

    assert program.validate(plan, "2.2") == ""
    assert program.unformatted(plan) == ""


def test_plans_of_all_examples_are_accepted(program: TerraformProgram, tmp_path: Path) -> None:
    """With all charms in Charmhub: networks, several pools, proxies, overlays and secrets."""
    names = published_examples()
    for name in names:
        release, plan = plan_of_published_example(name)
        directory = write(plan, tmp_path / name)
        assert plan.sections, (name, plan.findings)
        assert program.validate(directory, provider_line(release)) == "", name
        assert program.unformatted(directory) == "", name
    assert len(names) > 15


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_changed_plan_of_the_example_is_refused(
    program: TerraformProgram, mutation: str, tmp_path: Path
) -> None:
    """The Python check refuses the same plans (tests/unit/terraform/test_check.py)."""
    plan = plan_of_example("modern-store")
    MUTATIONS[mutation][0](plan)

    assert REFUSALS[mutation] in program.validate(write(plan, tmp_path), "2.2")


@pytest.mark.parametrize("juju", ["2.9", "3.6", "4.0"])
def test_every_part_of_a_bundle_is_accepted(
    program: TerraformProgram, juju: str, tmp_path: Path
) -> None:
    """The plan for Juju 2.9 has the schema of the older line of the provider."""
    release = Juju.parse(juju)
    etcd = {
        "charm": "ch:etcd", "channel": "1/stable", "revision": 7, "num_units": 2,
        "to": ["0", "lxd:0"], "constraints": "mem=1G", "trust": True,
        "options": {"a": True, "b": 'x"y'}, "resources": {"r": 3}, "storage": {"d": "loop,1G"},
        "bindings": {"": "lan", "db": "lan"},
        "exposed-endpoints": {"db": {"expose-to-cidrs": ["10.0.0.0/8"]}},
    }  # fmt: skip
    bundle = {
        "applications": {"etcd": etcd, "api": {"charm": "ch:api", "num_units": 1}},
        "machines": {"0": {"constraints": "zones=a\\ b", "annotations": {"a-b": "c"}}},
        "saas": {"db": {"url": "admin/prod.mysql"}},
        "relations": [["api:etcd", "etcd:db"], ["api:db", "db:server"]],
    }
    if release < Juju.V3_6:
        del etcd["exposed-endpoints"]
    offers = {"o": {"endpoints": ["db"], "acl": {"eve": "read", "amy": "admin"}}}
    overlay = {"applications": {"etcd": {"offers": offers}}}
    plan = plan_of_bundle(bundle, release, overlay=overlay, model_config={"http-proxy": "x"})

    assert plan.sections
    assert program.validate(write(plan, tmp_path), provider_line(release)) == ""
    assert program.unformatted(tmp_path) == ""


def test_texts_have_their_value(program: TerraformProgram, tmp_path: Path) -> None:
    """Quotes, escapes, line breaks and the marks of templates, as a string and as a heredoc."""
    locals_ = [Attribute(f"t{number}", text) for number, text in enumerate(TEXTS)]
    groups = [Attribute("texts", [*TEXTS]), Attribute("map", {text: text for text in TEXTS})]
    groups += [Attribute(f"list{number}", [text]) for number, text in enumerate(TEXTS)]
    text = write_sections([Section("", [Block("locals", (), [*locals_, *groups])])])
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    names = [f"local.{attribute.name}" for attribute in locals_]

    assert program.unformatted(tmp_path) == ""
    assert program.evaluate(tmp_path, names) == TEXTS
    assert program.evaluate(tmp_path, ["local.texts", "local.map", "local.list3"]) == [
        TEXTS,
        {text: text for text in TEXTS},
        [TEXTS[3]],
    ]
    assert program.evaluate(tmp_path, [quote(text, ascii_only=True) for text in TEXTS]) == TEXTS


@pytest.mark.parametrize("juju", ["2.9", "3.6", "4.0"])
def test_generated_bundles_have_plans_that_are_accepted(
    program: TerraformProgram, juju: str, tmp_path: Path
) -> None:
    """Of those that Juju verifies, with a charm of Charmhub instead of others."""
    plans = tmp_path / "plans"
    plans.mkdir()
    generated = generated_plans(tmp_path, juju, BUNDLES)
    texts = [plan.text for _, plan in generated if plan.sections]
    for number, text in enumerate(texts):
        (plans / f"{number}.tf").write_text(text, encoding="utf-8")

    assert len(texts) >= BUNDLES // 10
    assert program.unformatted(plans) == ""
    for text in texts if IS_LONG else texts[:3]:
        (tmp_path / "main.tf").write_text(text, encoding="utf-8")
        problem = program.validate(tmp_path, provider_line(Juju.parse(juju)))
        assert problem == "", text
