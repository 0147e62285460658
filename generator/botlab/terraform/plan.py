"""The plan of a bundle for Terraform or OpenTofu."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import BotlabError
from ..findings import Finding, Severity, has_errors
from ..plan import PlanError, changes
from .applications import application_blocks
from .check import faults
from .document import Block, Section, resource
from .hcl import write_sections
from .integrations import integration_blocks, offer_blocks
from .machines import Machines
from .schema import provider_line, resource_schemas
from .source import PlanSource
from .support import shared_machine_findings, support_findings

# The name of the provider in the registries of Terraform and of OpenTofu.
_PROVIDER = "juju/juju"


@dataclass(frozen=True, slots=True)
class TerraformPlan:
    """A plan, with the findings about it.

    Attributes:
        findings: What the provider cannot do.
        sections: The plan as data; empty if a finding is an error.
    """

    findings: tuple[Finding, ...]
    sections: tuple[Section, ...] = ()

    @property
    def text(self) -> str:
        """The plan as HCL."""
        return write_sections(self.sections)


def terraform_plan(source: PlanSource) -> TerraformPlan:
    """Return the plan of a bundle that Juju verifies.

    Raises:
        BotlabError: When the plan does not fit the provider's schema, which is a fault of botlab.
    """
    findings = [*support_findings(source)]
    try:
        machines = Machines(source, changes(source.bundle, source.juju, charms=source.charms))
    except PlanError as error:
        refusal = Finding("J080", Severity.ERROR, "juju", ("applications",), str(error), "")
        return TerraformPlan((*findings, refusal))
    findings += shared_machine_findings(source, machines)
    if has_errors(findings):
        return TerraformPlan(tuple(findings))
    sections = _sections(source, machines)
    _check(sections, provider_line(source.juju))
    return TerraformPlan(tuple(findings), sections)


def _sections(source: PlanSource, machines: Machines) -> tuple[Section, ...]:
    return (
        Section("", _settings(provider_line(source.juju))),
        Section("Model", [_model(source)]),
        Section("Machines and containers", machines.blocks),
        Section("Applications", application_blocks(source, machines)),
        Section("Integrations", integration_blocks(source)),
        Section("Offers", offer_blocks(source)),
    )


def _settings(line: str) -> list[Block]:
    """Return the settings of Terraform and of the provider, which uses the juju client's login."""
    providers = Block("required_providers")
    providers.set("juju", {"source": _PROVIDER, "version": f"~> {line}"})
    return [Block("terraform", body=[providers]), Block("provider", ("juju",))]


def _model(source: PlanSource) -> Block:
    block = resource("juju_model", "lab")
    block.set("name", source.model)
    block.set("config", dict(source.model_config))
    return block


def _check(sections: Iterable[Section], line: str) -> None:
    blocks = [
        block for section in sections for block in section.blocks if block.type == "resource"
    ]
    problems = faults(blocks, resource_schemas(line))
    if problems:
        raise BotlabError(
            f"the plan does not fit the Juju provider {line}: {'; '.join(problems)}."
            " This is a fault of botlab; please report it"
        )
