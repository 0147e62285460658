"""Plans for Terraform, and changes of a plan that a provider must refuse."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from botlab.assessment import Request, assess
from botlab.bundle import BundleSource, parse_bundle
from botlab.bundle.charm_url import charm_name
from botlab.bundle.model import Bundle
from botlab.catalogue.model import Charm
from botlab.cli.terraform import plan_of
from botlab.juju import Juju
from botlab.terraform import PlanSource, TerraformPlan, terraform_plan
from botlab.terraform.document import Attribute, Block
from helpers.bundle_corpus import write_corpus

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def plan_of_example(name: str, output: Path | None = None) -> TerraformPlan:
    """Return the plan of an example."""
    site = EXAMPLES / name / "site.yaml"
    return plan_of(assess(Request(site)), str(site), output or site.with_name("main.tf"))[0]


def plan_of_published_example(name: str) -> tuple[Juju, TerraformPlan]:
    """Return the plan of an example as if all its charms were in Charmhub, and its Juju release.

    The provider deploys no charm of another source.
    """
    site = EXAMPLES / name / "site.yaml"
    assessment = assess(Request(site))
    assert assessment.bundle is not None
    for application in assessment.bundle.applications.values():
        assert application is not None
        application.charm = f"ch:{charm_name(application.charm)}"
    return assessment.juju, plan_of(assessment, str(site), site.with_name("main.tf"))[0]


def published_examples() -> list[str]:
    """Return the examples for releases of Juju that the provider supports."""
    sites = sorted(EXAMPLES.glob("*/site.yaml"))
    return [path.parent.name for path in sites if assess(Request(path)).juju >= Juju.V2_9]


def plan_of_bundle(
    bundle: dict[str, Any],
    juju: Juju = Juju.V3_6,
    charms: dict[str, Charm] | None = None,
    *,
    overlay: dict[str, Any] | None = None,
    **fields: Any,
) -> TerraformPlan:
    """Return the plan of a bundle.

    Args:
        bundle: The bundle as data.
        juju: The Juju release.
        charms: The facts of the charms by application.
        overlay: An overlay as data; None for none.
        fields: Other fields of the source.
    """
    base, *overlays = (
        BundleSource(yaml.safe_dump(data, sort_keys=False, allow_unicode=True))
        for data in (bundle, *([overlay] if overlay else []))
    )
    parsed = parse_bundle(base, juju, overlays, includes=False)
    source = PlanSource(parsed.bundle, juju, "lab", Path("/lab"), charms=charms or {})
    return terraform_plan(dataclasses.replace(source, **fields))


def generated_plans(
    directory: Path, juju: str, count: int
) -> Iterator[tuple[Bundle, TerraformPlan]]:
    """Yield generated bundles that Juju verifies, with charms of Charmhub, and their plans.

    Args:
        directory: The directory of the plans. The bundles are written below it.
        juju: The Juju release.
        count: The number of bundles, of which Juju verifies about a third.
    """
    for entry in write_corpus(directory / "corpus", juju, 1900, count):
        overlays = [Path(overlay) for overlay in entry["overlays"]]
        assessment = assess(Request(Path(entry["path"]), juju, overlays=overlays))
        bundle = assessment.bundle
        if bundle is None or assessment.blocking_findings():
            continue
        for application in bundle.applications.values():
            if application is not None:
                application.charm, application.devices, application.plan = "ch:ubuntu", {}, ""
        source = PlanSource(bundle, assessment.juju, "lab", directory)
        yield bundle, terraform_plan(dataclasses.replace(source, includes=assessment.includes))


def resources(plan: TerraformPlan) -> Iterator[Block]:
    """Yield the resources of a plan."""
    for section in plan.sections:
        yield from (block for block in section.blocks if block.type == "resource")


def resource_of(plan: TerraformPlan, kind: str, label: str) -> Block:
    """Return a resource of a plan."""
    return next(block for block in resources(plan) if block.labels == (kind, label))


def _unknown_attribute(plan: TerraformPlan) -> None:
    etcd = resource_of(plan, "juju_application", "etcd")
    etcd.body.insert(0, Attribute("chanel", "latest/stable"))


def _wrong_type(plan: TerraformPlan) -> None:
    etcd = resource_of(plan, "juju_application", "etcd")
    etcd.body = [part for part in etcd.body if getattr(part, "name", "") != "config"]
    etcd.body.append(Attribute("config", "channel=3.4/stable"))


def _missing_attribute(plan: TerraformPlan) -> None:
    machine = resource_of(plan, "juju_machine", "gpu0")
    machine.body = [part for part in machine.body if getattr(part, "name", "") != "model_uuid"]


# The changes of the example modern-store, with the fault that the Python check reports.
MUTATIONS: dict[str, tuple[Callable[[TerraformPlan], None], str]] = {
    "unknown attribute": (_unknown_attribute, "juju_application.etcd.chanel: unknown attribute"),
    "wrong type": (_wrong_type, "juju_application.etcd.config: is not a map"),
    "missing attribute": (_missing_attribute, "juju_machine.gpu0.model_uuid: is required"),
}
