"""The deployment of a lab, from the plan to the verified lab.

- ``request``: what to deploy, and how.
- ``steps``: what each step reports, and the steps that other packages do.
- ``consent``: who agrees to which changes.
- ``preparation``: the plan for the model as it is now, and what deploying does not do.
- ``dry_run``: the client's own dry run, compared with the plan.
- ``deployer``: all steps in their order. Each looks at the model first, so that a repeated
  command continues where an interrupted one ended.
"""

from __future__ import annotations

from .consent import Consent, Dialogue
from .deployer import Deployer, DeployReport
from .request import DeployRequest
from .steps import LabSteps, StepOutcome, StepStatus

__all__ = [
    "Consent",
    "DeployReport",
    "DeployRequest",
    "Deployer",
    "Dialogue",
    "LabSteps",
    "StepOutcome",
    "StepStatus",
]
