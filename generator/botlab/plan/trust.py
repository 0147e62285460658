"""Juju's refusal of a bundle that needs ``--trust``."""

from __future__ import annotations

from collections.abc import Iterable

from ..bundle.model import Application, Bundle
from ..bundle.trust import trust_path, trusted_applications
from ..findings import Finding, Severity
from ..juju import Juju
from ..visible_text import TextLines
from .refusals import is_of_planner

# Refusals of 2.6 while it reads the bundle, and of later releases after they check the trust.
_READING = frozenset(("J001", "J002"))
_RESOLUTION = frozenset(("J044", "J045", "J048"))


def precedes_trust(refusals: Iterable[Finding], juju: Juju) -> bool:
    """Return whether Juju stops with some refusals before it checks the trust.

    2.6 checks it as soon as it has read the bundle, and later releases once they have verified it.
    """
    ids = {finding.id for finding in refusals if not is_of_planner(finding)}
    return bool(ids & _READING) if juju < Juju.V2_9 else bool(ids - _RESOLUTION)


def trust_refusal(bundle: Bundle) -> Finding | None:
    """Return the finding for a deployment without ``--trust``, with Juju's message.

    Returns:
        None when no application needs the option.
    """
    names = trusted_applications(bundle)
    if not names:
        return None
    message = TextLines(
        (
            "Bundle cannot be deployed without trusting applications with your cloud credentials.",
            "Please repeat the deploy command with the --trust argument if you consent to trust"
            " the following application(s):",
            *(f"  - {name}" for name in names),
        )
    )
    application = bundle.applications[names[0]] or Application()
    path = ("applications", names[0], *trust_path(application))
    fix = "add --trust to `juju deploy` and to `botlab plan` if you consent"
    return Finding("J093", Severity.ERROR, "juju", path, message, fix)
