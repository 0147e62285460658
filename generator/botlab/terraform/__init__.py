"""A bundle as a plan for Terraform or OpenTofu, with the Juju provider.

``document`` is the plan as data, and ``hcl`` writes it. ``machines``, ``applications`` and
``integrations`` make the resources of a bundle. ``support`` finds what the provider cannot do, and
``schema`` compares a plan with the provider's resources, which ``provider.yaml`` describes.
"""

from __future__ import annotations

from .plan import TerraformPlan, terraform_plan
from .source import PlanSource
from .support import support_findings

__all__ = ["PlanSource", "TerraformPlan", "support_findings", "terraform_plan"]
