"""The ordered changes that Juju would make, in the words of the Juju release asked for."""

from __future__ import annotations

from .build import changes
from .change import Change, ChangeSet
from .model import Model
from .text import as_json, dry_run, executed, located
from .units import PlanError

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
