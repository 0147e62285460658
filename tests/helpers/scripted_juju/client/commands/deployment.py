"""Commands that deploy bundles and charms, and upgrade charms."""

from __future__ import annotations

import os

from ..arguments import Arguments
from ..bundle_changes import BundleChanges
from ..bundles import read_bundle, require_path, untrusted, verify
from ..charm_facts import charm_at
from ..clock import now
from ..errors import CommandError, usage_error
from ..objects import application_of, generation_of, model_of, units_of
from ..output import Output, formatted
from ..phases import plan_progress
from ..plans import Line, output_of, output_until, planned_lines
from ..store import JsonObject

_CHARM_OPTIONS = (
    "config",
    "constraints",
    "num-units",
    "resource",
    "to",
    "storage",
    "bind",
    "device",
)


def deploy(state: JsonObject, arguments: Arguments) -> Output:
    """Deploy a bundle file, or one charm."""
    if not arguments.words:
        raise usage_error("no charm or bundle specified")
    model = model_of(state, arguments)
    target = arguments.words[0]
    if not target.endswith((".yaml", ".yml")):
        return _deploy_charm(state, model, arguments)
    path = require_path(target, _home(), is_strict=_is_strict(state))
    return _deploy_bundle(state, model, arguments, path)


def _home() -> str:
    return os.environ.get("HOME", "/")


def _is_strict(state: JsonObject) -> bool:
    scripted = state["has_strict_snap"]
    return generation_of(state).has_strict_snap if scripted is None else scripted


def _deploy_bundle(
    state: JsonObject, model: JsonObject, arguments: Arguments, path: str
) -> Output:
    flags = [f"--{name}" for name in _CHARM_OPTIONS if name in arguments.options]
    if flags:
        text = "options provided but not supported when deploying a bundle"
        raise CommandError(f"{text}: {', '.join(sorted(flags))}", 1, text)
    overlays = [
        require_path(text, _home(), is_strict=_is_strict(state))
        for text in arguments.options.get("overlay", [])
    ]
    bundle = read_bundle(path, overlays, generation_of(state), state["yaml"])
    verify(bundle, generation_of(state))
    _require_trust(bundle, arguments)
    _require_snap_access(state, bundle)
    if arguments.has("dry-run"):
        return _dry_run(state, model, arguments)
    return _execute(state, model, bundle, arguments)


def _require_trust(bundle: JsonObject, arguments: Arguments) -> None:
    names = untrusted(bundle)
    if names and not arguments.has("trust", "force"):
        raise CommandError(
            "Bundle cannot be deployed without trusting applications with your cloud credentials."
            "\nPlease repeat the deploy command with the --trust argument if you consent to trust "
            "the following application(s):\n" + "\n".join(f"  - {name}" for name in names)
        )


def _require_snap_access(state: JsonObject, bundle: JsonObject) -> None:
    for application in bundle["applications"].values():
        paths = [str((application or {}).get("charm", ""))]
        for path in filter(os.path.isabs, paths):
            require_path(path, _home(), is_strict=_is_strict(state))


def _dry_run(state: JsonObject, model: JsonObject, arguments: Arguments) -> Output:
    """Return the plan of botlab's planner; a test can queue recorded output instead."""
    if not state["planner"]:
        raise CommandError("scripted juju: no planner and no queued output for deploy --dry-run")
    return output_of(*planned_lines(state, model, arguments, executed=False))


def _machine_map(arguments: Arguments) -> dict[str, str]:
    pairs = [text.partition("=") for text in arguments.values("map-machines")]
    return {name: value or name for name, _, value in pairs}


def _execute(
    state: JsonObject, model: JsonObject, bundle: JsonObject, arguments: Arguments
) -> Output:
    """Deploy a bundle; without a planner the output has no more than the names of the changes."""
    lines: list[Line] = []
    if state["planner"]:
        lines, code = planned_lines(state, model, arguments, executed=True)
        if code:
            return output_of(lines, code)
    changes = BundleChanges(state, model, bundle, _machine_map(arguments))
    try:
        changes.apply()
    except CommandError as error:
        return output_until(lines or changes.output(), changes.current, error.message)
    finally:
        plan_progress(state, model["name"])
    return output_of(lines or changes.output())


def _deploy_charm(state: JsonObject, model: JsonObject, arguments: Arguments) -> Output:
    """Deploy one charm as a bundle of one application."""
    charm, *names = arguments.words
    if charm.startswith((".", "/")):
        charm = require_path(charm, _home(), is_strict=_is_strict(state))
        facts = charm_at(charm, state["yaml"])
    else:
        facts = state["charms"].get(charm, {"name": charm})
    name = names[0] if names else facts["name"]
    if name in model["applications"]:
        raise CommandError(f'cannot add application "{name}": application already exists')
    settings = [text.partition("=") for text in arguments.options.get("config", [])]
    body = {
        "charm": charm,
        "num_units": 0 if facts.get("subordinate") else int(arguments.value("num-units", "1")),
        "to": [],
        "base": arguments.value("base") or arguments.value("series") or "ubuntu@24.04",
        "options": {key: value for key, _, value in settings},
        "constraints": " ".join(arguments.options.get("constraints", [])),
        "channel": arguments.value("channel", "latest/stable"),
        "trust": arguments.has("trust"),
    }
    BundleChanges(state, model, {"applications": {name: body}}, {}).apply()
    plan_progress(state, model["name"])
    return Output(stderr=f'Deploying "{name}"\n')


def refresh(state: JsonObject, arguments: Arguments) -> Output:
    """Upgrade the charm of an application."""
    if not arguments.words:
        raise usage_error("no application specified")
    model = model_of(state, arguments)
    name = arguments.words[0]
    application = application_of(model, name)
    charm, path = application["charm"], arguments.value("path")
    if charm["origin"] == "local" and not path and not arguments.value("switch"):
        raise CommandError("refreshing a local charm requires either --path or --switch")
    if path:
        _refresh_from_path(state, model, application, path)
    elif arguments.value("channel"):
        charm.update(channel=arguments.value("channel"), revision=charm["revision"] + 1)
    _set_resources(application, arguments.options.get("resource", []))
    for unit in units_of(model, name):
        model["units"][unit]["agent"].update(
            current="executing", message="running upgrade-charm hook", since=now(state)
        )
    plan_progress(state, model["name"])
    text = f'Added {charm["origin"]} charm "{charm["name"]}", revision {charm["revision"]}'
    return Output(stderr=f"{text}, to the model\n")


upgrade_charm = refresh


def _refresh_from_path(
    state: JsonObject, model: JsonObject, application: JsonObject, path: str
) -> None:
    facts = charm_at(require_path(path, _home(), is_strict=_is_strict(state)), state["yaml"])
    charm = application["charm"]
    if facts["name"] != charm["name"]:
        raise CommandError(f'cannot refresh "{charm["name"]}" to "{facts["name"]}"')
    revision = model["local_revisions"].get(facts["name"], charm["revision"]) + 1
    model["local_revisions"][facts["name"]] = revision
    charm.update(origin="local", revision=revision)
    application.update(
        endpoints=facts["endpoints"], schema=facts["options"], actions=facts["actions"]
    )


def _set_resources(application: JsonObject, texts: list[str]) -> None:
    for text in texts:
        name, _, value = text.partition("=")
        application["resources"][name] = value


def attach_resource(state: JsonObject, arguments: Arguments) -> Output:
    """Attach a file as a resource of an application."""
    if not arguments.words:
        raise usage_error("missing application name")
    if len(arguments.words) == 1:
        raise usage_error("no resource specified")
    application = application_of(model_of(state, arguments), arguments.words[0])
    for text in arguments.words[1:]:
        name, _, path = text.partition("=")
        if application["resources"] and name not in application["resources"]:
            raise CommandError(f'failed to upload resource "{name}": resource "{name}" not found')
        require_path(path, _home(), is_strict=_is_strict(state))
    _set_resources(application, arguments.words[1:])
    return Output()


def resources(state: JsonObject, arguments: Arguments) -> Output:
    """List the resources of an application."""
    application = application_of(model_of(state, arguments), arguments.words[0])
    entries = [{"name": name, "origin": "upload"} for name in application["resources"]]
    return formatted(arguments, {"resources": entries})
