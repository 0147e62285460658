"""Rules about where charms come from."""

from __future__ import annotations

from collections.abc import Iterator

from ....bundle.charm_url import CharmUrl, CharmUrlError, is_local_path, parse_charm_url
from ....bundle.model import Application
from ....findings import Severity
from ....juju import Juju
from ....shell import juju_command
from ..facts import Facts
from ..rule import Violation, rule


@rule("BL040", Severity.WARNING)
def unpinned_charm(facts: Facts) -> Iterator[Violation]:
    """Yield the charms from a store for which no revision is given."""
    for name, application in facts.applications.items():
        if is_local_path(application.charm) or application.revision is not None:
            continue
        try:
            url = parse_charm_url(application.charm, facts.juju)
        except CharmUrlError:
            continue
        if url.schema in ("cs", "ch") and url.revision < 0:
            yield Violation(
                ("applications", name, "charm"),
                f"{name} does not name a revision of the charm {url.name}",
                _revision_fix(application, url, is_site=facts.site is not None),
            )


def _revision_fix(application: Application, url: CharmUrl, *, is_site: bool) -> str:
    if url.schema == "cs":
        return f"name the revision at the end of the URL ({application.charm}-N)"
    channel = application.channel or "TRACK/stable"
    if is_site:
        return f"name it (charm: {{charmhub: {url.name}, channel: {channel}, revision: N}})"
    command = juju_command("info", url.name)
    return f"name it (channel: {channel} and revision: N; `{command}` lists them)"


@rule("BL041", Severity.ERROR)
def charm_store_url(facts: Facts) -> Iterator[Violation]:
    """Yield the Charm Store URLs in a bundle for Juju 3 or later."""
    for name, application in facts.applications.items():
        if application.charm.startswith("cs:") and facts.juju >= Juju.V3_6:
            yield Violation(
                ("applications", name, "charm"),
                f"{application.charm} is a Charm Store URL, which Juju {facts.juju.value} cannot"
                " read",
                "take the charm from Charmhub, or from a local file",
            )


@rule("BL057", Severity.ERROR)
def unpacked_charm(facts: Facts) -> Iterator[Violation]:
    """Yield the local charms that are not packed, in a bundle for Juju 4."""
    for name, application in facts.applications.items():
        is_local = is_local_path(application.charm)
        if facts.juju >= Juju.V4_0 and is_local and not application.charm.endswith(".charm"):
            yield Violation(
                ("applications", name, "charm"),
                f"{application.charm} is not a .charm file, and Juju 4 deploys no directories",
                "pack the charm and name the .charm file",
            )
