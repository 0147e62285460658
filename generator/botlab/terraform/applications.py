"""The applications of a plan."""

from __future__ import annotations

from ..bundle.charm_url import parse_charm_url
from ..bundle.model import Application, Exposure
from .document import Block, Reference, Value, resource
from .machines import MODEL, Machines, base_of, machine_id
from .settings import setting_value
from .source import PlanSource

KIND = "juju_application"


def application_blocks(source: PlanSource, machines: Machines) -> list[Block]:
    """Return the resources of the applications, in the order of the bundle."""
    return [_block(source, name, app, machines) for name, app in source.applications.items()]


def application_name(name: str) -> Reference:
    """Return the name of an application, as a reference that puts the resources in order."""
    return Reference(KIND, name, "name")


def _block(source: PlanSource, name: str, application: Application, machines: Machines) -> Block:
    block = resource(KIND, name)
    block.set("model_uuid", MODEL)
    block.set("name", name)
    block.set("constraints", application.constraints)
    if application.trust:
        block.set("trust", True)
    _set_units(block, source, name, machines)
    platform = str(machines.deployments[name].args[1])
    block.body.append(_charm(source, application, base_of(platform)))
    block.set("config", _config(source, name, application))
    block.set("resources", resources_of(application))
    block.set("storage_directives", dict(application.storage))
    block.set("endpoint_bindings", _bindings(application))
    if application.expose or application.exposed_endpoints:
        block.body.append(_exposure(application))
    return block


def _set_units(block: Block, source: PlanSource, name: str, machines: Machines) -> None:
    """Set the machines of the units, or their number if Juju adds the machines."""
    if source.is_subordinate(name):
        return
    labels = machines.units.get(name, [])
    if any(labels):
        block.set("machines", [machine_id(label) for label in labels if label])
    else:
        block.set("units", len(labels))


def _charm(source: PlanSource, application: Application, base: str) -> Block:
    """Return the charm. Its URL was checked before."""
    url = parse_charm_url(application.charm, source.juju)
    revision = url.revision if application.revision is None else application.revision
    block = Block("charm")
    block.set("name", url.name)
    block.set("channel", application.channel)
    block.set("revision", revision if revision >= 0 else None)
    block.set("base", base)
    return block


def _config(source: PlanSource, name: str, application: Application) -> dict[str, Value]:
    return {
        key: setting_value(source, ("applications", name, "options", key), setting)
        for key, setting in application.options.items()
        if setting is not None
    }


def resources_of(application: Application) -> dict[str, Value]:
    """Return the resources with a revision. The provider takes the revision as text."""
    return {
        name: str(revision)
        for name, revision in application.resources.items()
        if isinstance(revision, int) and revision >= 0
    }


def _bindings(application: Application) -> list[Value]:
    return [
        {"endpoint": endpoint, "space": space} if endpoint else {"space": space}
        for endpoint, space in application.bindings.items()
    ]


def _exposure(application: Application) -> Block:
    """Return how an application is exposed. All its exposed endpoints have the same networks."""
    endpoints = application.exposed_endpoints
    networks = next(iter(endpoints.values()), Exposure())
    block = Block("expose")
    block.set("endpoints", ",".join(name for name in endpoints if name))
    block.set("spaces", ",".join(networks.spaces))
    block.set("cidrs", ",".join(networks.cidrs))
    return block
