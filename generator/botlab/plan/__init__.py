"""The ordered changes that Juju would make for a bundle, with the texts of a Juju release."""

from __future__ import annotations

from .change_builder import changes
from .change_set import Change, ChangeSet
from .errors import PlanError
from .machine_map import parse_machine_map
from .model import Model
from .notes import notes_about
from .output import Line, as_json, dry_run, executed, located

__all__ = [
    "Change",
    "ChangeSet",
    "Line",
    "Model",
    "PlanError",
    "as_json",
    "changes",
    "dry_run",
    "executed",
    "located",
    "notes_about",
    "parse_machine_map",
]
