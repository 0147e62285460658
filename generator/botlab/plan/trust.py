"""Applications that are to be trusted with the cloud's credentials.

Source: ``appsRequiringTrust`` and ``applicationRequiresTrust`` of Juju's client, 2.6 to 4.0.
"""

from __future__ import annotations

from ..bundle.model import Bundle
from ..findings import Finding, Severity


def trusted_applications(bundle: Bundle) -> list[str]:
    """Return the names of the applications with ``trust: true``, as a key or as an option."""
    return sorted(
        name
        for name, application in bundle.applications.items()
        if application and (application.trust or application.options.get("trust") is True)
    )


def trust_refusal(bundle: Bundle) -> Finding:
    """Return the finding for a deployment without ``--trust``, with Juju's message."""
    names = trusted_applications(bundle)
    message = (
        "Bundle cannot be deployed without trusting applications with your cloud credentials.\n"
        "Please repeat the deploy command with the --trust argument if you consent to trust the"
        " following application(s):\n  - " + "\n  - ".join(names)
    )
    path = ("applications", names[0], "trust")
    fix = "add --trust to `juju deploy` and to `botlab plan` if you consent"
    return Finding("J093", Severity.ERROR, "juju", path, message, fix)
