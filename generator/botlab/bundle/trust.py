"""Applications that are to be trusted with the cloud's credentials.

Source: ``appsRequiringTrust`` and ``applicationRequiresTrust`` of Juju's client, 2.6 to 4.0.
"""

from __future__ import annotations

from .model import Application, Bundle


def trusted_applications(bundle: Bundle) -> list[str]:
    """Return the names of the applications that a deployment trusts, in Juju's order."""
    return sorted(
        name
        for name, application in bundle.applications.items()
        if application is not None and is_trusted(application)
    )


def is_trusted(application: Application) -> bool:
    """Return whether an application has ``trust: true``, as a key or as an option."""
    return application.trust or application.options.get("trust") is True


def trust_path(application: Application) -> tuple[str, ...]:
    """Return the keys that lead to the trust of an application."""
    return ("trust",) if application.trust else ("options", "trust")
