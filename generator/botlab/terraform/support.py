"""What the Juju provider cannot do, as findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..bundle.charm_url import charmhub_name, is_local_charm
from ..bundle.go_path import join_path
from ..bundle.model import KUBERNETES, Application, Offer
from ..findings import Finding, KeyPath, Severity, lab_error
from ..juju import Juju
from ..shell import juju_command
from .integrations import ACCESS, relation_ends
from .machines import Machines, repeated
from .schema import provider_line
from .source import PlanSource

# The finding about the key `juju` of a site. A bundle has no such key.
_JUJU_KEY: KeyPath = ("juju",)


def support_findings(source: PlanSource) -> Iterator[Finding]:
    """Yield the parts of a bundle that the provider cannot deploy, or only with a step by hand."""
    yield from _release_findings(source.juju)
    if source.bundle.type == KUBERNETES:
        yield lab_error(
            "BL164",
            ("bundle",),
            "the bundle is for Kubernetes, and botlab writes plans only for machines",
            "deploy it with `juju deploy`",
        )
    for name, application in source.applications.items():
        yield from _charm_findings(source, name, application)
        yield from _application_findings(name, application)
        yield from _resource_findings(source, name, application)
    yield from _unused_offers(source)


def shared_machine_findings(source: PlanSource, machines: Machines) -> Iterator[Finding]:
    """Yield the applications with two units on a machine, which a set of machines cannot name."""
    for name in source.applications:
        label = repeated(machines.units.get(name, ()))
        if label:
            yield lab_error(
                "BL164",
                ("applications", name, "to"),
                f"two units of {name} are on the machine {label}, which the provider cannot place",
                "place each unit on a machine or in a container of its own",
            )


def _release_findings(juju: Juju) -> Iterator[Finding]:
    line = provider_line(juju)
    if not line:
        yield lab_error(
            "BL164",
            _JUJU_KEY,
            f"the Juju provider does not support Juju {juju.value}",
            "deploy the bundle with `juju deploy`, or use Juju 3.6",
        )
    elif juju < Juju.V3_6:
        yield Finding(
            "BL163",
            Severity.WARNING,
            "lab",
            _JUJU_KEY,
            f"Juju {juju.value} needs release {line} of the Juju provider, which is no longer"
            " developed, and Juju 2.9.49 or later",
            "use Juju 3.6 for a new lab",
        )


def _charm_findings(source: PlanSource, name: str, application: Application) -> Iterator[Finding]:
    charm = application.charm
    if charmhub_name(charm, source.juju):
        return
    kind = "a local charm" if is_local_charm(charm) else "not from Charmhub"
    yield lab_error(
        "BL160",
        ("applications", name, "charm"),
        f"the charm {charm} of {name} is {kind}, and the Juju provider deploys only charms of"
        " Charmhub",
        f"publish the charm if it is your own, and name it: {_charmhub_key(source, name)}",
    )


def _charmhub_key(source: PlanSource, name: str) -> str:
    """Return the keys that name a charm of Charmhub for an application."""
    if source.is_site:
        return f"applications: {{{name}: {{charm: {{charmhub: NAME, channel: TRACK/RISK}}}}}}"
    return "charm: NAME, and channel: TRACK/RISK"


def _application_findings(name: str, application: Application) -> Iterator[Finding]:
    parts: Mapping[str, object] = {"devices": application.devices, "plan": application.plan}
    for key, part in parts.items():
        if part:
            yield lab_error(
                "BL164",
                ("applications", name, key),
                f"the Juju provider cannot set the key {key} of {name}",
                f"remove {key}, or deploy the bundle with `juju deploy`",
            )
    exposures = [*application.exposed_endpoints.values()]
    if any(exposure != exposures[0] for exposure in exposures) or (
        "" in application.exposed_endpoints and len(exposures) > 1
    ):
        yield lab_error(
            "BL164",
            ("applications", name, "exposed-endpoints"),
            f"the endpoints of {name} are exposed to different networks, and the Juju provider"
            " exposes all endpoints of an application in the same way",
            "give all exposed endpoints the same spaces and CIDRs, and name each of them",
        )
    for offer, body in application.offers.items():
        yield from _offer_findings(("applications", name, "offers", offer), body)


def _offer_findings(path: KeyPath, offer: Offer) -> Iterator[Finding]:
    if not offer.endpoints:
        yield lab_error(
            "BL164",
            path,
            f"the offer {path[-1]} names no endpoints, which the Juju provider needs",
            "name its endpoints (endpoints: [NAME])",
        )
    for user, level in offer.acl.items():
        if level not in ACCESS:
            yield lab_error(
                "BL164",
                (*path, "acl", user),
                f"{level!r} is not a level of access that the Juju provider has",
                f"write one of {', '.join(ACCESS)}",
            )


def _resource_findings(
    source: PlanSource, name: str, application: Application
) -> Iterator[Finding]:
    for resource, content in application.resources.items():
        if isinstance(content, str):
            file = join_path(source.bundle.directory, content)
            command = juju_command(
                "attach-resource", name, f"{resource}={file}", options=("-m", source.model)
            )
            yield Finding(
                "BL161",
                Severity.WARNING,
                "lab",
                ("applications", name, "resources", resource),
                f"the plan leaves out the resource {resource} of {name}, because the Juju provider"
                " cannot upload a file",
                "name a revision of the resource in Charmhub, or attach the file after the plan is"
                f" applied: {command}",
            )


def _unused_offers(source: PlanSource) -> Iterator[Finding]:
    """Yield the remote applications that no relation uses. An integration consumes an offer."""
    used = {end.application for ends in relation_ends(source) for end in ends}
    for name in source.bundle.saas:
        if name not in used:
            yield lab_error(
                "BL164",
                ("saas", name),
                f"no relation uses the remote application {name}, and the Juju provider consumes"
                " an offer only for a relation",
                "relate it, or remove it",
            )
