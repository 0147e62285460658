"""The differences of two bundles, and the commands that are needed besides ``juju deploy``.

``juju deploy`` only adds and changes. It never removes an application, unit, relation, machine,
offer or exposure, never resets an option, never moves a unit, and never upgrades a local charm.
Each of these steps is a command, and the commands are in an order in which each can succeed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..bundle.charm_url import is_local_path
from ..bundle.model import Application, Bundle, Machine
from ..bundle.trust import trusted_applications
from ..catalogue.model import Charm
from ..juju import Juju
from ..shell import juju_command
from ..visible_text import visible
from .archives import is_changed_archive
from .change_set import natural
from .option_commands import (
    Command,
    can_change_options,
    reason,
    reset_options,
    set_options,
    shown_text,
)

_FIELDS = (
    "charm", "channel", "revision", "series", "base", "num_units", "to", "expose", "constraints",
    "storage", "bindings", "resources", "trust", "annotations",
)  # fmt: skip


class Delta(NamedTuple):
    """A difference.

    Attributes:
        change: ``added``, ``changed`` or ``removed``.
        kind: ``application``, ``machine``, ``relation`` or ``saas``.
        name: The name of the application or other entry.
        field: The changed field, such as ``options.channel``; empty if all of it was added or
            removed.
        old: The old content of the field, as text.
        new: The new content of the field, as text.
    """

    change: str
    kind: str
    name: str
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        entry = f"{self.kind} {self.name}"
        if not self.field:
            return entry
        return f"{entry}: {self.field} {self.old or '(none)'} -> {self.new or '(none)'}"


@dataclass(frozen=True, slots=True)
class Difference:
    """All differences, and the commands in the order in which to run them.

    ``deploy`` is the command that deploys the new bundle.
    """

    deltas: tuple[Delta, ...]
    commands: tuple[Command, ...]
    deploy: str = "juju deploy"

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form: added, changed, removed, commands."""
        report: dict[str, Any] = {"added": [], "changed": [], "removed": []}
        for delta in self.deltas:
            entry = {"kind": delta.kind, "name": delta.name}
            if delta.field:
                entry |= {"field": delta.field, "old": delta.old, "new": delta.new}
            report[delta.change].append(entry)
        report["commands"] = [
            {
                "command": command.command,
                "why": command.why,
                "when": "before-deploy" if command.precedes_deploy else "after-deploy",
            }
            for command in self.commands
        ]
        return report

    def lines(self) -> list[str]:
        """Return the text form."""
        if not self.deltas:
            return ["No differences."]
        lines: list[str] = []
        for change in ("added", "changed", "removed"):
            deltas = [f"  {delta}" for delta in self.deltas if delta.change == change]
            lines += [f"{change}:", *deltas] if deltas else []
        return lines + self._command_lines("before", precede=True) + self._command_lines("after")

    def _command_lines(self, moment: str, *, precede: bool = False) -> list[str]:
        commands = [c for c in self.commands if c.precedes_deploy == precede]
        if not commands:
            return []
        heading = f"{moment} {self.deploy} of the new bundle, run these commands in this order:"
        return [heading, *(f"  {command.command}  # {command.why}" for command in commands)]


def difference(
    old: Bundle, new: Bundle, juju: Juju, charms: Mapping[str, Charm] | None = None
) -> Difference:
    """Compare two bundles.

    Args:
        old: The deployed bundle.
        new: The bundle to deploy.
        juju: The release that the commands are for.
        charms: The charms of the new bundle, as far as they are known, by application.
    """
    deltas = [
        *_application_deltas(old, new),
        *_entry_deltas("machine", old.machines, new.machines),
        *_machine_deltas(old, new),
        *_entry_deltas("relation", _relations(old), _relations(new)),
        *_entry_deltas("saas", old.saas, new.saas),
    ]
    deploy = "juju deploy --trust" if trusted_applications(new) else "juju deploy"
    return Difference(tuple(deltas), tuple(_commands(old, new, juju, charms or {})), deploy)


def _relations(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    return {" ".join(sorted(pair)): tuple(pair) for pair in bundle.relations}


def _entry_deltas(
    kind: str, old: Mapping[str, object], new: Mapping[str, object]
) -> Iterator[Delta]:
    """Yield the entries that were added or removed."""
    for name in sorted({*old, *new}, key=natural):
        if name not in old:
            yield Delta("added", kind, name)
        elif name not in new:
            yield Delta("removed", kind, name)


def _application_deltas(old: Bundle, new: Bundle) -> Iterator[Delta]:
    yield from _entry_deltas("application", old.applications, new.applications)
    for name, before, after in _common_applications(old, new):
        for key in _FIELDS:
            fields = getattr(before, key), getattr(after, key)
            yield from _field_delta("application", name, key, *fields)
        yield from _option_deltas(name, before, after)
        for key in ("exposed_endpoints", "offers"):
            fields = sorted(getattr(before, key)), sorted(getattr(after, key))
            yield from _field_delta("application", name, key, *fields)


def _option_deltas(name: str, before: Application, after: Application) -> Iterator[Delta]:
    for key in sorted({*before.options, *after.options}):
        texts = _option_text(before, key), _option_text(after, key)
        if before.options.get(key) != after.options.get(key) or texts[0] != texts[1]:
            yield Delta("changed", "application", name, f"options.{key}", *texts)


def _common_applications(
    old: Bundle, new: Bundle
) -> Iterator[tuple[str, Application, Application]]:
    """Yield the applications of both bundles, as their names and both versions."""
    for name in sorted(old.applications, key=natural):
        if name in new.applications:
            before, after = old.applications[name], new.applications[name]
            yield name, before or Application(), after or Application()


def _option_text(application: Application, key: str) -> str:
    if key not in application.options:
        return ""
    return shown_text(key, text_of(application.options[key]))


def _machine_deltas(old: Bundle, new: Bundle) -> Iterator[Delta]:
    for name in sorted(old.machines, key=natural):
        if name in new.machines:
            before, after = old.machines[name] or Machine(), new.machines[name] or Machine()
            for key in ("constraints", "series", "base", "annotations"):
                fields = getattr(before, key), getattr(after, key)
                yield from _field_delta("machine", name, key, *fields)


def _field_delta(kind: str, name: str, key: str, before: object, after: object) -> Iterator[Delta]:
    if before != after:
        yield Delta("changed", kind, name, key, text_of(before), text_of(after))


def text_of(content: object) -> str:
    """Return the content of a field as text; empty for none."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, list):
        return " ".join(str(part) for part in content) if content else ""  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "" if content is None or content == {} else str(content)


def _commands(
    old: Bundle, new: Bundle, juju: Juju, charms: Mapping[str, Charm]
) -> Iterator[Command]:
    """Yield the commands: first those that add and change, then those that remove."""
    common = list(_common_applications(old, new))
    for name, before, after in common:
        if is_changed_archive(before, old.directory, after, new.directory):
            yield _refresh(name, after, juju)
    for name, before, after in common if not can_change_options(juju) else ():
        yield from _option_commands(name, before, after)
    for name, before, after in common:
        keys = sorted(set(before.options) - set(after.options))
        yield from reset_options(name, keys, charms.get(name), juju)
        yield from _setting_commands(name, before, after, juju)
    for name, before, after in common:
        yield from _impossible_changes(name, before, after)
    for name, before, after in common:
        for placement in _new_placements(before, after):
            command = juju_command("add-unit", name, options=("--to", placement))
            yield Command(command, "Juju never moves a unit")
    yield from _remove_relations(old, new)
    for name, before, after in common:
        yield from _remove_units(name, before, after)
    yield from _remove_offers(old, new)
    yield from _remove_entries(old, new)


def _remove_entries(old: Bundle, new: Bundle) -> Iterator[Command]:
    """Yield the commands for applications (subordinates first), saas entries and machines."""
    removed = [name for name in old.applications if name not in new.applications]
    for name in sorted(removed, key=lambda name: (not _is_subordinate(old, name), natural(name))):
        why = "this also removes its units and relations"
        yield Command(juju_command("remove-application", name), why)
    for name in sorted(set(old.saas) - set(new.saas)):
        yield Command(juju_command("remove-saas", name), "no relation of the new bundle uses it")
    for name in sorted(set(old.machines) - set(new.machines), key=natural):
        why = "Juju refuses this while a unit is on the machine"
        yield Command(juju_command("remove-machine", name), why)


def _is_subordinate(bundle: Bundle, name: str) -> bool:
    application = bundle.applications[name]
    return application is None or application.num_units == 0


def _option_commands(name: str, before: Application, after: Application) -> Iterator[Command]:
    """Yield the command that sets changed options, for releases whose bundles cannot do it."""
    options = {key: text_of(content) for key, content in after.options.items() if key != "trust"}
    changed = {
        key: text
        for key, text in sorted(options.items())
        if key not in before.options or text_of(before.options[key]) != text
    }
    if changed:
        yield Command(set_options(name, changed), reason(changed), precedes_deploy=True)


def _setting_commands(
    name: str, before: Application, after: Application, juju: Juju
) -> Iterator[Command]:
    if before.trust and not after.trust:
        command = juju_command("trust", name, options=("--remove",))
        yield Command(command, "deploy never removes trust")
    if after.trust and not before.trust:
        yield Command(juju_command("trust", name), "deploy trusts new applications only")
    is_exposed = after.expose or after.exposed_endpoints
    if (before.expose or before.exposed_endpoints) and not is_exposed:
        yield Command(juju_command("unexpose", name), "deploy never ends an exposure")
    if before.charm == after.charm or is_local_path(after.charm):
        yield from _attach_resources(name, before, after)
    if before.bindings != after.bindings and after.bindings:
        bindings = after.bindings.items()
        spaces = [f"{end}={space}" if end else space for end, space in bindings]
        note = "" if juju >= Juju.V2_9 else "; Juju can from 2.8 on"
        command = juju_command("bind", name, *spaces)
        yield Command(command, f"deploy never changes bindings{note}")


def _refresh(name: str, application: Application, juju: Juju) -> Command:
    # The command refresh exists from Juju 2.8 on.
    verb = "refresh" if juju >= Juju.V2_9 else "upgrade-charm"
    why = "deploy never upgrades a local charm; options of the new charm need it first"
    command = juju_command(verb, name, options=("--path", application.charm))
    return Command(command, why, precedes_deploy=True)


def _attach_resources(name: str, before: Application, after: Application) -> Iterator[Command]:
    for key, source in after.resources.items():
        is_new = before.resources.get(key) != source
        if is_new and isinstance(source, str) and is_local_path(source):
            why = "deploy attaches a resource only together with a new charm"
            yield Command(juju_command("attach-resource", name, f"{key}={source}"), why)


def _impossible_changes(name: str, before: Application, after: Application) -> Iterator[Command]:
    for key in ("series", "base", "storage"):
        if getattr(before, key) != getattr(after, key) and getattr(before, key):
            why = "cannot be changed; remove the application and deploy it again"
            yield Command(f"# {visible(name)}: {key}", why)


def _surplus(placements: Sequence[str], counterparts: Sequence[str]) -> list[str]:
    """Return the placements without a counterpart, each as often as counterparts are missing."""
    unmatched = list(counterparts)
    surplus: list[str] = []
    for placement in placements:
        if placement in unmatched:
            unmatched.remove(placement)
        else:
            surplus.append(placement)
    return surplus


def _remove_relations(old: Bundle, new: Bundle) -> Iterator[Command]:
    relations = _relations(new)
    for key, pair in sorted(_relations(old).items()):
        both_remain = all(end.partition(":")[0] in new.applications for end in pair)
        if key not in relations and both_remain:
            command = juju_command("remove-relation", *pair)
            yield Command(command, "deploy never removes a relation")


def _new_placements(before: Application, after: Application) -> list[str]:
    """Return the placements that need a unit in the place of one that is elsewhere.

    A deployment places the units that it adds itself, on the first placements without a unit.
    """
    added = max(0, after.num_units - before.num_units)
    moved = len(_surplus(before.to, after.to))
    return _surplus(after.to, before.to)[added:][:moved]


def _remove_units(name: str, before: Application, after: Application) -> Iterator[Command]:
    count = max(0, before.num_units - after.num_units) + len(_new_placements(before, after))
    placed = dict(list(_units_on(before.to, _surplus(before.to, after.to)))[:count])
    for number, placement in placed.items():
        why = f"the unit on {placement}, if units still have their first numbers: see juju status"
        yield Command(juju_command("remove-unit", f"{name}/{number}"), why)
    others = [number for number in reversed(range(before.num_units)) if number not in placed]
    for number in others[: count - len(placed)]:
        why = "one unit less; choose the unit with juju status"
        yield Command(juju_command("remove-unit", f"{name}/{number}"), why)


def _units_on(placements: Sequence[str], surplus: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield a unit for each surplus placement, by its number: the last ones on that placement."""
    numbers: dict[str, list[int]] = {}
    for number, placement in enumerate(placements):
        numbers.setdefault(placement, []).append(number)
    for placement in surplus:
        yield numbers[placement].pop(), placement


def _remove_offers(old: Bundle, new: Bundle) -> Iterator[Command]:
    for name, before in old.applications.items():
        after = new.applications.get(name)
        for offer in before.offers if before else ():
            if after is None or offer not in after.offers:
                yield Command(juju_command("remove-offer", offer), "deploy never removes an offer")
