"""The ordered changes that Juju would make for a bundle, with the texts of a Juju release."""

from __future__ import annotations

from .change_builder import changes
from .change_set import Change, ChangeSet
from .model import Model
from .output import as_json, dry_run, executed, located
from .unit_planner import PlanError

__all__ = [
    "Change",
    "ChangeSet",
    "Model",
    "PlanError",
    "as_json",
    "changes",
    "dry_run",
    "executed",
    "located",
]
