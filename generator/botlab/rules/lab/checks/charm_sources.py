"""Rules about where charms come from."""

from __future__ import annotations

from collections.abc import Iterator

from ....bundle.charm_url import (
    CharmUrl,
    CharmUrlError,
    charmhub_name,
    is_local_path,
    parse_charm_url,
)
from ....bundle.model import Application
from ....findings import Severity
from ....juju import Juju
from ....shell import juju_command
from ....site.defaults import PROFILE_OF_TODAY
from ..facts import NAMESAKES, Facts
from ..rule import Violation, rule

_MIRROR = "name a mirror in the controller's option charmstore-url"
_CLOSED_STORE_FIX = (
    "write charms: {source: local, folder: charms} and put the charms into the directory charms"
    " beside the site file, or take today's charms with juju: 3.6 and"
    f" kubernetes: {{profile: {PROFILE_OF_TODAY}}}; or {_MIRROR}"
)
_CLOSED_STORE_FIX_OF_BUNDLE = (
    f"name local files (charm: ./NAME.charm), or take charms from Charmhub; or {_MIRROR}"
)


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
    if is_site:
        return (
            "name the revisions that you have tested, in a file (charms: {revisions: FILE}) or for"
            " one application (charm: {charmhub: NAME, channel: CHANNEL, revision: N})"
        )
    channel = application.channel or "TRACK/stable"
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


@rule("BL119", Severity.WARNING)
def closed_store(facts: Facts) -> Iterator[Violation]:
    """Yield the charms that Juju 2 would download from the Charm Store."""
    if facts.juju >= Juju.V3_6:
        return  # BL041 reports them.
    for name, application in facts.applications.items():
        if _is_of_charm_store(application.charm, facts.juju):
            yield Violation(
                ("applications", name, "charm"),
                f"{name} comes from the Charm Store ({application.charm}), which has been closed"
                " since 2022",
                _CLOSED_STORE_FIX if facts.site else _CLOSED_STORE_FIX_OF_BUNDLE,
            )


def _is_of_charm_store(charm: str, juju: Juju) -> bool:
    if is_local_path(charm):
        return False
    try:
        return parse_charm_url(charm, juju).schema == "cs"
    except CharmUrlError:
        return False


@rule("BL162", Severity.ERROR)
def namesake(facts: Facts) -> Iterator[Violation]:
    """Yield the charms of Charmhub that only have the name of one of this project's charms."""
    if facts.site is None:
        return  # Only a site decides that an application has this project's charm.
    for name, application in facts.applications.items():
        charm = facts.charms.get(name)
        own_name = charm.name if charm and charm.name in NAMESAKES else ""
        if own_name and charmhub_name(application.charm, facts.juju) == own_name:
            yield Violation(
                ("applications", name, "charm"),
                f"{application.charm} in Charmhub is another charm than this project's {name}",
                "publish this project's charm under another name and write that name, or remove"
                " the key charm",
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
