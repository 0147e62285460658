"""Differences of the number of units and of the machines that they are on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...bundle.model import Application
from ...bundle.placement import parse_placement
from ...plan.difference import Delta
from ...plan.model import ModelApplication, ModelUnit
from .differences import Difference, JujuCommand, Remedy, Stage

# A machine of the bundle, or "model machine N", and the kind of container; empty for none.
_Spot = tuple[str, str]


@dataclass(frozen=True, slots=True)
class UnitPair:
    """The units of an application in the bundle and in the model.

    Attributes:
        name: The name of the application.
        application: The application in the bundle.
        deployed: The application in the model.
        machines: The machines of the model by the machines of the bundle.
        unattended: The options that a removal needs to run without a person.
        dying: The units that are being removed already.
        needs_first_units: Whether ``juju deploy`` would fail because there is no unit yet.
    """

    name: str
    application: Application
    deployed: ModelApplication
    machines: Mapping[str, str]
    unattended: tuple[str, ...] = ()
    dying: frozenset[str] = frozenset()
    needs_first_units: bool = False


def unit_differences(pair: UnitPair) -> Iterator[Difference]:
    """Yield the differences of an application's units: their number, and their machines.

    Units may be on any machine if the bundle does not place them on machines.
    """
    missing, surplus = _unmatched(pair)
    free = pair.application.num_units - len(_desired(pair))
    surplus.sort(key=lambda unit: unit.name in pair.dying)
    extra = [unit for unit in surplus[free:] if unit.name not in pair.dying]
    anywhere = free - len(surplus[:free])
    is_placed = not any(_is_relative(text) for text in pair.application.to)
    additions = [*missing, *([("", "")] * anywhere if is_placed else [])]
    is_complete = is_placed and all(_target(pair, spot) is not None for spot in missing)
    is_replaced = not is_complete and len(pair.deployed.units) >= pair.application.num_units
    commands = [*_additions(pair, additions), *_removals(pair, extra, is_first=is_replaced)]
    remedy = Remedy.COMMANDS if is_complete or not (missing or anywhere) else Remedy.DEPLOY
    for delta in _deltas(pair, extra, missing):
        yield Difference(delta, tuple(commands), remedy)


def _deltas(pair: UnitPair, extra: Sequence[ModelUnit], missing: Sequence[_Spot]) -> list[Delta]:
    old, new = len(pair.deployed.units), pair.application.num_units
    old -= min(len(pair.dying), max(old - new, 0))
    deltas: list[Delta] = []
    if old != new:
        deltas.append(_delta(pair, "num_units", str(old), str(new)))
    if missing and extra:
        names = _spot_texts(_spot(pair, unit) for unit in extra)
        deltas.append(_delta(pair, "to", names, _spot_texts(missing)))
    return deltas


def _delta(pair: UnitPair, field: str, old: str, new: str) -> Delta:
    return Delta("changed", "application", pair.name, field, old, new)


def _desired(pair: UnitPair) -> list[_Spot]:
    """Return the spots on machines that the bundle names."""
    placements = (
        parse_placement(text) for text in pair.application.to[: pair.application.num_units]
    )
    return [
        (placement.machine, placement.container)
        for placement in placements
        if placement and placement.machine not in ("", "new")
    ]


def _is_relative(text: str) -> bool:
    """Return whether a placement names another application."""
    placement = parse_placement(text)
    return placement is not None and bool(placement.application)


def _unmatched(pair: UnitPair) -> tuple[list[_Spot], list[ModelUnit]]:
    """Return the spots without a unit, and the units without a spot. New units come last."""
    missing = _desired(pair)
    surplus: list[ModelUnit] = []
    for unit in pair.deployed.units:
        spot = _spot(pair, unit)
        if spot in missing:
            missing.remove(spot)
        else:
            surplus.append(unit)
    return missing, surplus


def _spot(pair: UnitPair, unit: ModelUnit) -> _Spot:
    machine, _, rest = unit.machine.partition("/")
    names = [name for name, mapped in pair.machines.items() if mapped == machine]
    return (names[0] if names else f"model machine {machine}"), rest.partition("/")[0]


def _target(pair: UnitPair, spot: _Spot) -> str | None:
    """Return the argument of ``--to``; None if the model does not have the machine."""
    machine, container = spot
    existing = pair.machines.get(machine)
    if existing is None:
        return None
    return f"{container}:{existing}" if container else existing


def _additions(pair: UnitPair, spots: Sequence[_Spot]) -> Iterator[JujuCommand]:
    """Yield the commands that add units. ``juju deploy`` adds them if it adds to their number.

    The client of Juju 4 reads the constraints only of applications with units. Without them it
    takes a local charm for one of another architecture, looks for its file, and fails.
    """
    is_first = pair.needs_first_units
    is_part_of_deploy = not is_first and len(pair.deployed.units) < pair.application.num_units
    placed = [(spot, _target(pair, spot)) for spot in spots]
    targets = Counter(target or "" for (name, _), target in placed if target or not name)
    # Equal commands count as one, so units at the same place need one command for all of them.
    for target, number in targets.items():
        options = ("-n", str(number)) if number > 1 else ()
        options += ("--to", ",".join([target] * number)) if target else ()
        why = "the site has this unit" if is_part_of_deploy else "Juju never moves a unit"
        if is_first:
            why = "deploy fails with Juju 4 if an application of a local charm has no unit"
        stage = Stage.FIRST_UNITS if is_first else Stage.UNITS
        yield JujuCommand(stage, "add-unit", (pair.name,), options, why, is_part_of_deploy)


def _removals(
    pair: UnitPair, units: Sequence[ModelUnit], *, is_first: bool
) -> Iterator[JujuCommand]:
    """Yield the commands that remove units.

    Juju adds a machine only together with a unit, and a unit only if there are too few. A unit
    that moves to a machine which the model lacks must therefore be removed before the deployment.
    """
    stage = Stage.REPLACE_UNITS if is_first else Stage.REMOVE_UNITS
    for unit in units:
        why = f"the site has no unit on {_spot_texts([_spot(pair, unit)])}"
        yield JujuCommand(stage, "remove-unit", (unit.name,), (), why, unattended=pair.unattended)


def _spot_texts(spots: Iterable[_Spot]) -> str:
    return " ".join(f"{kind}:{machine}" if kind else machine for machine, kind in spots)
