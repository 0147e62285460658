"""A difference between a lab and a model, and the commands that end it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from ...juju import Juju
from ...plan.difference import Delta
from ...shell import juju_command


class Stage(enum.IntEnum):
    """The order in which commands can succeed."""

    REFRESH = 0
    MODEL = 1
    OPTIONS = 2
    FIRST_MACHINES = 3
    FIRST_UNITS = 4
    REPLACE_UNITS = 5
    SETTINGS = 6
    RELATIONS = 7
    OFFERS = 8
    UNITS = 9
    REMOVE_RELATIONS = 10
    REMOVE_UNITS = 11
    REMOVE_OFFERS = 12
    REMOVE_APPLICATIONS = 13
    REMOVE_MACHINES = 14

    @property
    def precedes_deploy(self) -> bool:
        """Whether to run the command before ``juju deploy`` of the bundle."""
        return self <= Stage.REPLACE_UNITS

    @property
    def is_removal(self) -> bool:
        """Whether the command removes a part of the model."""
        return self is Stage.REPLACE_UNITS or self >= Stage.REMOVE_RELATIONS


class Remedy(enum.Enum):
    """What ends a difference."""

    COMMANDS = "commands"
    DEPLOY = "deploy"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class JujuCommand:
    """A command of the juju client.

    Attributes:
        stage: Its place in the order of commands.
        verb: The name of the command.
        operands: Its arguments besides the options.
        options: Its options and their arguments.
        why: The reason for the command.
        is_part_of_deploy: Whether ``juju deploy`` of the bundle does the same.
        unattended: The options that a run without a person needs besides the others.
        values: The options of an application that the command sets. A value can be a secret, which
            is neither printed nor an argument.
    """

    stage: Stage
    verb: str
    operands: tuple[str, ...]
    options: tuple[str, ...] = ()
    why: str = ""
    is_part_of_deploy: bool = False
    unattended: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def text(self, model: str = "") -> str:
        """Return the command in one line for the shell.

        Args:
            model: The model that the command names; empty for the current one.
        """
        options = (*self.options, *(("--model", model) if model else ()))
        return juju_command(self.verb, *self.operands, options=options)

    @property
    def arguments(self) -> list[str]:
        """The arguments to run it with, without ``juju`` and the model."""
        options = [*self.options, *self.unattended]
        if any(operand.startswith("-") for operand in self.operands):
            return [self.verb, *options, "--", *self.operands]
        return [self.verb, *self.operands, *options]


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between the model and the lab.

    Attributes:
        delta: The difference. ``added`` means that the model lacks something, ``removed`` that
            the lab does not have something of the model; ``old`` is the model's content.
        commands: The commands that end it.
        remedy: What ends it.
        advice: What to do when nothing can end it; empty otherwise.
    """

    delta: Delta
    commands: tuple[JujuCommand, ...] = ()
    remedy: Remedy = Remedy.COMMANDS
    advice: str = ""


def by_deploy(delta: Delta) -> Difference:
    """Return a difference that only ``juju deploy`` of the bundle ends."""
    return Difference(delta, remedy=Remedy.DEPLOY)


def impossible(delta: Delta, advice: str) -> Difference:
    """Return a difference that no command ends."""
    return Difference(delta, remedy=Remedy.NOTHING, advice=advice)


def unattended(juju: Juju) -> tuple[str, ...]:
    """Return the option with which Juju does not ask before it removes something.

    Source: ``RemoveConfirmationCommandBase`` of the client from 3.0 on.
    """
    return ("--no-prompt",) if juju >= Juju.V3_6 else ()
