"""Turns the status of the Client facade into the form of ``juju status --format json``.

Source: ``params.FullStatus`` (juju/juju rpc/params/status.go; apiserver/params in 2.9), and the
client's own conversion (cmd/juju/status/formatter.go). python-libjuju returns the facade's form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...json_values import list_of, mapping_of, text_of

_Json = Mapping[str, Any]
_UNIT_FIELDS = ("leader", "machine", "public-address", "workload-version", "charm")
_MACHINE_FIELDS = (
    "hostname",
    "dns-name",
    "ip-addresses",
    "instance-id",
    "display-name",
    "network-interfaces",
    "constraints",
    "hardware",
    "lxd-profiles",
)


def client_document(facade: _Json, controller: str) -> dict[str, Any]:
    """Return the document that the client of the same release would print.

    Args:
        facade: The answer of ``Client.FullStatus``.
        controller: The name of the controller, which the facade does not know.
    """
    has_bases = not any(
        "series" in mapping_of(machine) for machine in mapping_of(facade.get("machines")).values()
    )
    applications = mapping_of(facade.get("applications"))
    return {
        "model": _model(mapping_of(facade.get("model")), controller),
        "machines": _converted(facade.get("machines"), _machine),
        "applications": {
            name: _application(mapping_of(body), _relations(facade, name, with_ends=has_bases))
            for name, body in applications.items()
        },
        "offers": _converted(facade.get("offers"), _offer),
    }


def _converted(bodies: object, convert: Any) -> dict[str, Any]:
    return {name: convert(mapping_of(body)) for name, body in mapping_of(bodies).items()}


def _model(body: _Json, controller: str) -> dict[str, Any]:
    return {
        "name": text_of(body.get("name")),
        "type": text_of(body.get("type")),
        "controller": controller,
        "cloud": text_of(body.get("cloud-tag")).removeprefix("cloud-"),
        "region": text_of(body.get("region")),
        "version": text_of(body.get("version")),
        "model-status": _status(body.get("model-status")),
    }


def _status(status: object) -> dict[str, str]:
    body = mapping_of(status)
    fields = {
        "status": "current",
        "info": "message",
        "since": "since",
        "version": "version",
        "life": "life",
    }
    texts = {name: text_of(body.get(key)) for key, name in fields.items()}
    error = mapping_of(body.get("err"))
    if error:
        return {"status-error": text_of(error.get("message")) or text_of(error.get("Message"))}
    return {name: text for name, text in texts.items() if text}


def _kept(body: _Json, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: body[name] for name in names if body.get(name)}


def _machine(body: _Json) -> dict[str, Any]:
    return {
        "juju-status": _status(body.get("agent-status")),
        "machine-status": _status(body.get("instance-status")),
        "modification-status": _status(body.get("modification-status")),
        **_kept(body, _MACHINE_FIELDS),
        **_platform(body),
        "containers": _converted(body.get("containers"), _machine),
    }


def _platform(body: _Json) -> dict[str, Any]:
    """Return a series where the controller gives one (up to 2.9), or else a base."""
    if body.get("series"):
        return {"series": body["series"]}
    base = mapping_of(body.get("base"))
    name = text_of(base.get("name"))
    channel = text_of(base.get("channel")).partition("/")[0]
    return {"base": {"name": name, "channel": channel}} if name else {}


def _application(body: _Json, relations: dict[str, list[Any]]) -> dict[str, Any]:
    url = text_of(body.get("charm"))
    name, _, revision = url.rpartition("/")[2].rpartition("-")
    number = body.get("charm-rev")
    has_number = isinstance(number, int) and number > 0
    return {
        # The client prints the URL of a charm from Charmhub as the charm's name.
        "charm": name if _origin(url) == "charmhub" else url,
        "charm-origin": _origin(url),
        "charm-name": name.rpartition(":")[2],
        "charm-rev": number if has_number else int(revision) if revision.isdigit() else -1,
        "charm-channel": text_of(body.get("charm-channel")),
        **_platform(body),
        "exposed": bool(body.get("exposed")),
        **_kept(body, ("life",)),
        "application-status": _status(body.get("status")),
        "version": text_of(body.get("workload-version")),
        "subordinate-to": list_of(body.get("subordinate-to")),
        "relations": relations,
        "units": _converted(body.get("units"), _unit),
        "endpoint-bindings": mapping_of(body.get("endpoint-bindings")),
    }


def _origin(url: str) -> str:
    schema = url.partition(":")[0] if ":" in url else ""
    return {"local": "local", "cs": "charmstore"}.get(schema, "charmhub")


def _unit(body: _Json) -> dict[str, Any]:
    return {
        "workload-status": _status(body.get("workload-status")),
        "juju-status": _status(body.get("agent-status")),
        **_kept(body, _UNIT_FIELDS),
        "open-ports": list_of(body.get("opened-ports")),
        "subordinates": _converted(body.get("subordinates"), _unit),
    }


def _offer(body: _Json) -> dict[str, Any]:
    return {
        "application": text_of(body.get("application-name")),
        "charm": text_of(body.get("charm")),
    }


def _relations(facade: _Json, application: str, *, with_ends: bool) -> dict[str, list[Any]]:
    """Return the applications at the other end by endpoint; with the interface from Juju 3 on."""
    related: dict[str, list[Any]] = {}
    for relation in list_of(facade.get("relations")):
        body = mapping_of(relation)
        ends = [mapping_of(end) for end in list_of(body.get("endpoints"))]
        for end in ends:
            if text_of(end.get("application")) != application:
                continue
            # A peer relation has one end, which is the application itself.
            partners = [partner for partner in ends if partner is not end] or [end]
            name = text_of(partners[0].get("application"))
            entry = {
                "related-application": name,
                "interface": text_of(body.get("interface")),
                "scope": text_of(body.get("scope")),
            }
            related.setdefault(text_of(end.get("name")), []).append(entry if with_ends else name)
    return related
