"""The keys that each Juju release reads in a bundle.

Sources: the ``yaml`` tags of BundleData, ApplicationSpec and MachineSpec in github.com/juju/charm
(2.6: f915791, 2.9: v8 at bd9cd46, 3.6: v12 at f5d79a5) and in github.com/juju/juju internal/charm.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from ..juju import Juju
from .decode import ANY, BOOL, INT, STRING, UNREAD, GoType, list_of, map_of, pointer_to, struct_of
from .model import Application, Bundle, Exposure, Machine, Offer

_MAP = map_of(STRING)


@dataclass(slots=True)
class RawApplication(Application):
    """An application as it is written, with ``scale`` separate from ``num_units``."""

    scale: int = 0


@dataclass(slots=True)
class RawSaas:
    """An entry of ``saas``."""

    url: str = ""


@dataclass(slots=True)
class RawBundle(Bundle):
    """A document as it is written, with ``services`` separate from ``applications``.

    ``machines_given`` is None when ``machines`` is absent or null, and empty when it is empty.
    """

    services: dict[str, Application | None] = field(
        default_factory=dict[str, "Application | None"]
    )
    raw_saas: dict[str, RawSaas | None] = field(default_factory=dict[str, "RawSaas | None"])
    machines_given: dict[str, Machine | None] | None = None


def _series(juju: Juju) -> GoType:
    return STRING if juju < Juju.V4_0 else UNREAD


def _read_fields(
    fields: dict[str, tuple[str, GoType]], *, strict: bool
) -> dict[str, tuple[str, GoType]]:
    """Return the fields without those that Juju does not read, if the type is strict."""
    return {key: f for key, f in fields.items() if not (strict and f[1] is UNREAD)}


def _application(juju: Juju, *, strict: bool) -> GoType:
    fields = {
        "charm": ("charm", STRING),
        "series": ("series", _series(juju)),
        "resources": ("resources", map_of(ANY)),
        "num_units": ("num_units", INT),
        "scale": ("scale", INT),
        "to": ("to", list_of(STRING)),
        "placement": ("placement", STRING),
        "expose": ("expose", BOOL),
        "options": ("options", map_of(ANY)),
        "annotations": ("annotations", _MAP),
        "constraints": ("constraints", STRING),
        "storage": ("storage", _MAP),
        "devices": ("devices", _MAP),
        "bindings": ("bindings", _MAP),
        "plan": ("plan", STRING),
        "trust": ("trust", BOOL),
    }
    if juju >= Juju.V2_9:
        fields |= {
            "channel": ("channel", STRING),
            "revision": ("revision", pointer_to(INT)),
            "exposed-endpoints": ("exposed_endpoints", map_of(_exposure())),
            "offers": ("offers", map_of(pointer_to(_offer()))),
        }
    if juju >= Juju.V3_6:
        fields["base"] = ("base", STRING)
    fields = _read_fields(fields, strict=strict)
    return struct_of("charm.ApplicationSpec", "a mapping", fields, RawApplication)


def _exposure() -> GoType:
    fields = {
        "expose-to-spaces": ("spaces", list_of(STRING)),
        "expose-to-cidrs": ("cidrs", list_of(STRING)),
    }
    return struct_of("charm.ExposedEndpointSpec", "a mapping", fields, Exposure)


def _offer() -> GoType:
    fields = {"endpoints": ("endpoints", list_of(STRING)), "acl": ("acl", _MAP)}
    return struct_of("charm.OfferSpec", "a mapping", fields, Offer)


def _machine(juju: Juju, *, strict: bool) -> GoType:
    fields = {
        "constraints": ("constraints", STRING),
        "annotations": ("annotations", _MAP),
        "series": ("series", _series(juju)),
    }
    if juju >= Juju.V3_6:
        fields["base"] = ("base", STRING)
    fields = _read_fields(fields, strict=strict)
    return struct_of("charm.MachineSpec", "a mapping", fields, Machine)


@functools.cache
def document_type(juju: Juju, *, strict: bool = False) -> GoType:
    """Return the type of a bundle document in a Juju release.

    Args:
        juju: The release.
        strict: Whether keys that only the lab's rules read count as unknown.
    """
    applications = map_of(pointer_to(_application(juju, strict=strict)))
    machines = map_of(pointer_to(_machine(juju, strict=strict)), nullable=True)
    fields = {
        "bundle": ("type", STRING),
        "applications": ("applications", applications),
        "machines": ("machines_given", machines),
        "series": ("series", _series(juju)),
        "relations": ("relations", list_of(list_of(STRING))),
        "tags": ("tags", list_of(STRING)),
        "description": ("description", STRING),
    }
    if juju < Juju.V3_6:
        fields["services"] = ("services", applications)
    if juju >= Juju.V2_9:
        saas = struct_of("charm.SaasSpec", "a mapping", {"url": ("url", STRING)}, RawSaas)
        fields["saas"] = ("raw_saas", map_of(pointer_to(saas)))
    if juju >= Juju.V3_6:
        fields["default-base"] = ("default_base", STRING)
    go_name = "charm.legacyBundleData" if juju < Juju.V3_6 else "charm.bundleData"
    return struct_of(go_name, "a mapping", _read_fields(fields, strict=strict), RawBundle)


# Keys that Juju does not read, but that real bundles have for people and stores.
DESCRIPTIVE = frozenset(
    {"name", "docs", "documentation", "website", "issues", "source", "variables", "default-series"}
)

__all__ = ["DESCRIPTIVE", "RawApplication", "RawBundle", "RawSaas", "document_type"]
