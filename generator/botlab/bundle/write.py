"""Write a bundle in a stable order, so that the same bundle always gives the same bytes.

Strings that YAML 1.1 would read as other types (``1.13``, ``yes``, ``0``) are quoted: PyYAML's
dumper quotes every string that its loader would not read back as a string.
"""

from __future__ import annotations

from typing import Any

import yaml

from .model import Application, Bundle, Machine

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def write_bundle(bundle: Bundle) -> str:
    """Return the YAML text of a bundle. Mappings keep their order.

    Letters of all scripts stay as they are. A bundle with characters that are not printable, such
    as those that change the direction of text, is written in ASCII with escapes. YAML would also
    read some of them, such as U+2028, as line breaks.
    """
    document = _document(bundle)
    text = _dump(document, allow_unicode=True)
    is_printable = all(line.isprintable() for line in text.split("\n"))
    return text if is_printable else _dump(document, allow_unicode=False)


def _dump(document: dict[str, Any], *, allow_unicode: bool) -> str:
    return yaml.dump(
        document,
        Dumper=_DUMPER,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=allow_unicode,
        width=2**16,
    )


def _document(bundle: Bundle) -> dict[str, Any]:
    entries = {
        "bundle": bundle.type,
        "description": bundle.description,
        "tags": bundle.tags,
        "series": bundle.series,
        "default-base": bundle.default_base,
        "saas": {name: {"url": url} for name, url in bundle.saas.items()},
        "applications": {
            name: _application(application) for name, application in bundle.applications.items()
        },
        "machines": {name: _machine(machine) for name, machine in bundle.machines.items()},
        "relations": bundle.relations,
    }
    return {key: value for key, value in entries.items() if value}


def _application(application: Application | None) -> dict[str, Any] | None:
    if application is None:
        return None
    entries = {
        "charm": application.charm,
        "channel": application.channel,
        "revision": application.revision,
        "series": application.series,
        "base": application.base,
        "num_units": application.num_units or None,
        "to": application.to,
        "placement": application.placement,
        "expose": application.expose or None,
        "exposed-endpoints": {
            name: {"expose-to-spaces": exposure.spaces, "expose-to-cidrs": exposure.cidrs}
            for name, exposure in application.exposed_endpoints.items()
        },
        "trust": application.trust or None,
        "resources": application.resources,
        "options": application.options,
        "annotations": application.annotations,
        "constraints": application.constraints,
        "storage": application.storage,
        "devices": application.devices,
        "bindings": application.bindings,
        "offers": {
            name: {"endpoints": offer.endpoints, "acl": offer.acl}
            for name, offer in application.offers.items()
        },
        "plan": application.plan,
    }
    return {key: value for key, value in entries.items() if value not in (None, "", [], {})}


def _machine(machine: Machine | None) -> dict[str, Any] | None:
    if machine is None:
        return None
    entries = {
        "constraints": machine.constraints,
        "annotations": machine.annotations,
        "series": machine.series,
        "base": machine.base,
    }
    return {key: value for key, value in entries.items() if value}
