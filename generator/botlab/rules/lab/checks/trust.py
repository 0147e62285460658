"""The rule about applications that are trusted with the cloud's credentials."""

from __future__ import annotations

from collections.abc import Iterator

from ....bundle.trust import is_trusted, trust_path
from ....findings import Severity
from ..facts import Facts
from ..rule import Violation, rule


@rule("BL095", Severity.WARNING)
def trust_needs_an_option(facts: Facts) -> Iterator[Violation]:
    """Yield the applications that Juju deploys only with --trust."""
    for name, application in facts.applications.items():
        if is_trusted(application):
            yield Violation(
                ("applications", name, *trust_path(application)),
                f"{name} is trusted with the cloud's credentials, so Juju refuses the bundle"
                " unless the command has --trust",
                "deploy with `juju deploy --trust`, or remove the trust if the charm does not use"
                " the cloud",
            )
