"""A bundle file with its overlays, merged as the client merges them."""

from __future__ import annotations

import os
from typing import Any

from .errors import CommandError
from .generations import Generation, base_of
from .store import JsonObject
from .yaml_files import load_all

_MAPS = ("applications", "saas")


def read_bundle(
    path: str, overlays: list[str], generation: Generation, library: str
) -> JsonObject:
    """Return a bundle with absolute paths of charms.

    Args:
        path: The bundle file.
        overlays: The files of ``--overlay``.
        generation: The release; 2.6 reads only the first document of a bundle.
        library: The path of PyYAML.

    Raises:
        CommandError: The bundle cannot be read.
    """
    documents = _documents(path, library)
    if generation.name == "2.6":
        documents = documents[:1]
    for overlay in overlays:
        documents += _documents(overlay, library)
    if not documents:
        raise CommandError("cannot deploy bundle: malformed bundle: bundle is empty not valid")
    base = _with_services(documents[0], generation)
    for overlay in documents[1:]:
        _merge(base, overlay)
    if not base.get("applications"):
        raise CommandError(_refused("at least one application must be specified"))
    return base


def _documents(path: str, library: str) -> list[JsonObject]:
    with open(path) as file:
        documents = [document for document in load_all(file.read(), library) if document]
    for document in documents:
        for application in (document.get("applications") or {}).values():
            _make_paths_absolute(application or {}, os.path.dirname(os.path.abspath(path)))
    return documents


def _make_paths_absolute(application: JsonObject, directory: str) -> None:
    charm = str(application.get("charm", ""))
    if charm.startswith("."):
        application["charm"] = os.path.normpath(os.path.join(directory, charm))


def _with_services(document: JsonObject, generation: Generation) -> JsonObject:
    if generation.is_juju2 and "services" in document:
        document["applications"] = document.pop("services")
    return document


def _merge(base: JsonObject, overlay: JsonObject) -> None:
    for section in _MAPS:
        for name, body in (overlay.get(section) or {}).items():
            if body is None:
                base.get(section, {}).pop(name, None)
                _drop_relations(base, name)
            else:
                _merge_maps(base.setdefault(section, {}).setdefault(name, {}), body)
    if "machines" in overlay:
        base["machines"] = overlay["machines"]
    base["relations"] = [*(base.get("relations") or []), *(overlay.get("relations") or [])]
    base.update({key: overlay[key] for key in ("series",) if key in overlay})


def _merge_maps(base: JsonObject, overlay: JsonObject) -> None:
    for key, value in overlay.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            base[key] = {**base[key], **value} if value else {}
        else:
            base[key] = value


def _drop_relations(bundle: JsonObject, name: str) -> None:
    bundle["relations"] = [
        pair
        for pair in bundle.get("relations") or []
        if all(str(end).partition(":")[0] != name for end in pair)
    ]


def verify(bundle: JsonObject, generation: Generation) -> None:
    """Refuse what the client refuses before any change, as far as deployments of tests need it.

    Raises:
        CommandError: The bundle breaks a rule; all broken rules are listed.
    """
    applications, machines = bundle["applications"], bundle.get("machines") or {}
    names = {str(name) for name in machines}
    errors: list[str] = []
    used: set[str] = set()
    for name, application in applications.items():
        errors += _application_errors(name, application, generation)
        for directive in application.get("to") or []:
            host = str(directive).rpartition(":")[2]
            used.add(host)
            if host.isdigit() and host not in names:
                errors.append(
                    f'placement "{directive}" refers to a machine not defined in this bundle'
                )
    unused = sorted(names - used)
    errors += [f'machine "{name}" is not referred to by a placement directive' for name in unused]
    errors += _relation_errors(bundle)
    if errors:
        raise CommandError(_refused("\n".join(errors)))


def _application_errors(name: str, application: JsonObject, generation: Generation) -> list[str]:
    charm, errors = str(application.get("charm", "")), []
    if os.path.isabs(charm) and not os.path.exists(charm):
        errors.append(f'charm path in application "{name}" does not exist: {charm}')
    if charm.startswith("cs:") and not generation.is_juju2:
        text = f'cannot parse URL "{charm}": schema "cs" not valid'
        errors.append(f'invalid charm URL in application "{name}": {text}')
    if charm.startswith("ch:") and generation.name == "2.6":
        text = f'cannot parse URL "{charm}": schema "ch" not valid'
        errors.append(f'invalid charm URL in application "{name}": {text}')
    if len(application.get("to") or []) > unit_count(application):
        errors.append(f'too many units specified in unit placement for application "{name}"')
    if "revision" in application and "channel" not in application and not os.path.isabs(charm):
        errors.append(
            f'application "{name}" with a revision requires a channel for future upgrades, please '
            "use channel"
        )
    return errors


def _relation_errors(bundle: JsonObject) -> list[str]:
    saas = bundle.get("saas") or {}
    errors: list[str] = []
    for pair in bundle.get("relations") or []:
        text = " ".join(f'"{end}"' for end in pair)
        for end in pair:
            name = str(end).partition(":")[0]
            if name not in bundle["applications"] and name not in saas:
                errors.append(
                    f'relation [{text}] refers to application "{name}" not defined in this bundle'
                )
    return errors


def untrusted(bundle: JsonObject) -> list[str]:
    """Return the applications that need the consent of ``--trust``."""
    return sorted(
        name for name, application in bundle["applications"].items() if needs_trust(application)
    )


def needs_trust(application: JsonObject) -> bool:
    """Return whether an application asks for trust."""
    options = application.get("options") or {}
    return str(application.get("trust", options.get("trust", ""))).lower() == "true"


def unit_count(application: JsonObject) -> int:
    """Return the number of units of an application."""
    return int(application.get("num_units") or application.get("scale") or 0)


def base_of_application(bundle: JsonObject, application: JsonObject, facts: JsonObject) -> str:
    """Return the base of an application: its own, the charm's first, or that of the bundle."""
    candidates: list[Any] = [
        application.get("base"),
        application.get("series"),
        bundle.get("default-base"),
        bundle.get("series"),
        next(iter(facts.get("bases", [])), ""),
    ]
    return next((base_of(str(text)) for text in candidates if text), "")


def _refused(text: str) -> str:
    return f"cannot deploy bundle: the provided bundle has the following errors:\n{text}"


def require_path(text: str, home: str, *, is_strict: bool) -> str:
    """Return the path of a bundle or charm that a caller passes, or refuse it.

    The real client takes relative paths. The notes ask for absolute ones below the home directory,
    because a strictly confined snap sees neither `/tmp` nor directories that start with a dot.

    Raises:
        CommandError: The path is relative, does not exist, or the snap cannot read it.
    """
    if not os.path.isabs(text):
        raise CommandError(_relative_path_text(text), 1, f"path is not absolute: {text}")
    if is_strict and not is_visible_to_snap(text, home):
        raise CommandError(
            f'no charm was found at "{text}"', 1, f"the snap of the client cannot read {text}"
        )
    if not os.path.exists(text):
        raise CommandError(f'no charm was found at "{text}"')
    return text


def _relative_path_text(text: str) -> str:
    if text.startswith("."):
        return f'no charm was found at "{text}"'
    return (
        f'The charm or bundle "{text}" is ambiguous.\nTo deploy a local charm or bundle, run '
        f"`juju deploy ./{text}`.\nTo deploy a charm or bundle from CharmHub, run "
        f"`juju deploy ch:{text}`."
    )


def is_visible_to_snap(path: str, home: str) -> bool:
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(home))
    parts = relative.split(os.sep)
    return parts[0] != os.pardir and not parts[0].startswith(".")
