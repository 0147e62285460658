"""What differs between two bundles, and what ``juju deploy`` of the new one leaves to be done.

``juju deploy`` adds and changes; it never removes an application, unit, relation, machine, offer
or exposure, never unsets an option, and never moves a unit. Those steps become commands, in an
order in which none pulls the ground from under another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..bundle.charm_url import is_local_path
from ..bundle.model import Application, Bundle, Machine
from ..juju import Juju
from .change import natural

_SECRET = re.compile(r"passw|secret|token|credential|private|api[-_]?key", re.IGNORECASE)
_FIELDS = (
    "charm", "channel", "revision", "series", "base", "num_units", "to", "expose", "constraints",
    "storage", "bindings", "resources", "trust", "annotations",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delta:
    """One difference.

    Attributes:
        change: ``added``, ``changed`` or ``removed``.
        kind: ``application``, ``machine``, ``relation`` or ``saas``.
        name: Its name.
        field: What of it changed, such as ``options.channel``; empty when it came or went whole.
        old: The value before, as text.
        new: The value after, as text.
    """

    change: str
    kind: str
    name: str
    field: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        what = f"{self.kind} {self.name}"
        if not self.field:
            return what
        return f"{what}: {self.field} {self.old or '(none)'} -> {self.new or '(none)'}"


@dataclass(frozen=True, slots=True)
class Command:
    """One command to run by hand, and why Juju does not do it."""

    command: str
    why: str


@dataclass(frozen=True, slots=True)
class Difference:
    """All differences, and the commands in the order in which to run them."""

    deltas: tuple[Delta, ...]
    commands: tuple[Command, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the JSON form: added, changed, removed, commands."""
        result: dict[str, Any] = {"added": [], "changed": [], "removed": []}
        for delta in self.deltas:
            entry = {"kind": delta.kind, "name": delta.name}
            if delta.field:
                entry |= {"field": delta.field, "old": delta.old, "new": delta.new}
            result[delta.change].append(entry)
        result["commands"] = [{"command": c.command, "why": c.why} for c in self.commands]
        return result

    def lines(self) -> list[str]:
        """Return the text form."""
        if not self.deltas:
            return ["No differences."]
        lines: list[str] = []
        for change in ("added", "changed", "removed"):
            found = [f"  {delta}" for delta in self.deltas if delta.change == change]
            lines += [f"{change}:", *found] if found else []
        if self.commands:
            lines.append("by hand, in this order, after juju deploy of the new bundle:")
            lines += [f"  {item.command}  # {item.why}" for item in self.commands]
        return lines


def difference(old: Bundle, new: Bundle, juju: Juju) -> Difference:
    """Compare two bundles; ``juju`` decides the words of the commands."""
    deltas = [
        *_applications(old, new),
        *_whole("machine", old.machines, new.machines),
        *_machines(old, new),
        *_whole("relation", _relations(old), _relations(new)),
        *_whole("saas", old.saas, new.saas),
    ]
    return Difference(tuple(deltas), tuple(_commands(old, new, juju)))


def _relations(bundle: Bundle) -> dict[str, tuple[str, ...]]:
    return {" ".join(sorted(pair)): tuple(pair) for pair in bundle.relations}


def _whole(kind: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Delta]:
    for name in sorted({*old, *new}, key=natural):
        if name not in old:
            yield Delta("added", kind, name)
        elif name not in new:
            yield Delta("removed", kind, name)


def _applications(old: Bundle, new: Bundle) -> Iterator[Delta]:
    yield from _whole("application", old.applications, new.applications)
    for name, was, now in _both(old, new):
        for key in _FIELDS:
            yield from _changed("application", name, key, getattr(was, key), getattr(now, key))
        for key in sorted({*was.options, *now.options}):
            values = [_option(app, key) for app in (was, now)]
            if was.options.get(key) != now.options.get(key) or values[0] != values[1]:
                yield Delta("changed", "application", name, f"options.{key}", *values)
        for key, has in (("exposed_endpoints", was.exposed_endpoints), ("offers", was.offers)):
            yield from _changed("application", name, key, sorted(has), sorted(getattr(now, key)))


def _both(old: Bundle, new: Bundle) -> Iterator[tuple[str, Application, Application]]:
    for name in sorted(old.applications, key=natural):
        if name in new.applications:
            was, now = old.applications[name], new.applications[name]
            yield name, was or Application(), now or Application()


def _option(application: Application, key: str) -> str:
    if key not in application.options:
        return ""
    return "(not shown)" if _SECRET.search(key) else _text(application.options[key])


def _machines(old: Bundle, new: Bundle) -> Iterator[Delta]:
    for name in sorted(old.machines, key=natural):
        if name in new.machines:
            was, now = old.machines[name] or Machine(), new.machines[name] or Machine()
            for key in ("constraints", "series", "base", "annotations"):
                yield from _changed("machine", name, key, getattr(was, key), getattr(now, key))


def _changed(kind: str, name: str, key: str, was: object, now: object) -> Iterator[Delta]:
    if was != now:
        yield Delta("changed", kind, name, key, _text(was), _text(now))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(str(item) for item in value) if value else ""  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return "" if value is None or value == {} else str(value)


def _commands(old: Bundle, new: Bundle, juju: Juju) -> Iterator[Command]:
    both = list(_both(old, new))
    for name, was, now in both:
        yield from _adjust(name, was, now, juju)
    for name, was, now in both:
        yield from _cannot(name, was, now)
    for name, was, now in both:
        for place in _missing(now.to, was.to)[: len(_missing(was.to, now.to))]:
            yield Command(f"juju add-unit {name} --to {place}", "Juju never moves a unit")
    yield from _drop_relations(old, new)
    for name, was, now in both:
        yield from _drop_units(name, was, now)
    gone = [name for name in old.applications if name not in new.applications]
    yield from _drop_offers(old, new)
    for name in sorted(gone, key=lambda item: (not _is_subordinate(old, item), natural(item))):
        yield Command(f"juju remove-application {name}", "its units and relations go with it")
    for name in sorted(set(old.saas) - set(new.saas)):
        yield Command(f"juju remove-saas {name}", "no relation of the new bundle uses it")
    for name in sorted(set(old.machines) - set(new.machines), key=natural):
        yield Command(f"juju remove-machine {name}", "refused while a unit stands there")


def _is_subordinate(bundle: Bundle, name: str) -> bool:
    application = bundle.applications[name]
    return application is None or application.num_units == 0


def _adjust(name: str, was: Application, now: Application, juju: Juju) -> Iterator[Command]:
    unset = sorted(set(was.options) - set(now.options))
    if unset:
        yield Command(
            f"juju config {name} --reset {','.join(unset)}", "deploy never unsets an option"
        )
    if was.trust and not now.trust:
        yield Command(f"juju trust {name} --remove", "deploy never takes trust back")
    if (was.expose or was.exposed_endpoints) and not (now.expose or now.exposed_endpoints):
        yield Command(f"juju unexpose {name}", "deploy never closes what is exposed")
    if was.charm == now.charm:
        for key, value in now.resources.items():
            if was.resources.get(key) != value and isinstance(value, str) and is_local_path(value):
                yield Command(
                    f"juju attach-resource {name} {key}={value}",
                    "deploy takes a resource only together with a new charm",
                )
    if was.bindings != now.bindings and now.bindings:
        spaces = " ".join(f"{end}={to}" if end else to for end, to in now.bindings.items())
        command = f"juju bind {name} {spaces}"
        why = "deploy never rebinds" if juju >= Juju.V2_9 else "deploy never rebinds; Juju 2.8 on"
        yield Command(command, why)


def _cannot(name: str, was: Application, now: Application) -> Iterator[Command]:
    for key in ("series", "base", "storage"):
        if getattr(was, key) != getattr(now, key) and getattr(was, key):
            yield Command(
                f"# {name}: {key}", "cannot change in place; remove the application and deploy it"
            )


def _missing(places: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return what of ``places`` is not in ``others``, each as often as it is over."""
    left = list(others)
    result: list[str] = []
    for place in places:
        if place in left:
            left.remove(place)
        else:
            result.append(place)
    return result


def _drop_relations(old: Bundle, new: Bundle) -> Iterator[Command]:
    kept = _relations(new)
    for key, pair in sorted(_relations(old).items()):
        stay = all(end.partition(":")[0] in new.applications for end in pair)
        if key not in kept and stay:
            yield Command(f"juju remove-relation {' '.join(pair)}", "deploy never removes one")


def _drop_units(name: str, was: Application, now: Application) -> Iterator[Command]:
    gone = _missing(was.to, now.to)
    for place in gone:
        number = len(was.to) - 1 - was.to[::-1].index(place)
        why = f"the unit on {place}, if the numbers are still the first deploy's: juju status"
        yield Command(f"juju remove-unit {name}/{number}", why)
    less = was.num_units - now.num_units - len(gone)
    for number in range(was.num_units - 1, was.num_units - 1 - less, -1):
        why = "one unit less; see juju status for the one to give up"
        yield Command(f"juju remove-unit {name}/{number}", why)


def _drop_offers(old: Bundle, new: Bundle) -> Iterator[Command]:
    for name, body in old.applications.items():
        now = new.applications.get(name)
        for offer in body.offers if body else ():
            if now is None or offer not in now.offers:
                yield Command(f"juju remove-offer {offer}", "deploy never withdraws an offer")
