"""The secrets of Juju that the options of a bundle name, and that applications must be granted."""

from __future__ import annotations

from collections.abc import Iterator

from ..bundle.model import Bundle
from ..juju import Juju
from ..shell import juju_command
from ..site.defaults import STORED_IN_JUJU


def secret_grants(bundle: Bundle, juju: Juju) -> dict[str, list[str]]:
    """Return the applications that read each secret, by the secret's URI.

    A secret is granted to applications that exist, so a bundle cannot do it.

    Args:
        bundle: The bundle.
        juju: The Juju release. Users have secrets since Juju 3.
    """
    grants: dict[str, list[str]] = {}
    for name, application in bundle.applications.items() if juju >= Juju.V3_6 else ():
        settings = application.options.values() if application else ()
        texts = (text for text in settings if isinstance(text, str))
        for secret in dict.fromkeys(text for text in texts if text.startswith(STORED_IN_JUJU)):
            grants.setdefault(secret, []).append(name)
    return grants


def grant_commands(bundle: Bundle, juju: Juju) -> Iterator[str]:
    """Yield the commands that let applications read the secrets in their options."""
    for secret, applications in secret_grants(bundle, juju).items():
        yield juju_command("grant-secret", secret, ",".join(applications))
