"""The comparison of a lab with a running model, and the commands that change the model.

- ``observation``: reads everything about a model that a comparison needs.
- ``machines``: which machine of the model each machine of the bundle stands for.
- ``differences``: a difference, and the commands that end it.
- ``options``, ``constraints``, ``exposure``, ``charms``, ``contents``, ``resources``,
  ``bindings``, ``units``, ``relations``, ``offers``, ``model_options``: one topic each.
- ``first_machines``: machines of units that Juju 4 needs before ``juju deploy``.
- ``compare``: all topics, and the result as text and JSON.

Every difference leads from the model to the lab: its commands change the model.
"""

from __future__ import annotations

from .compare import Comparison, compare
from .differences import Difference, JujuCommand, Remedy, Stage
from .observation import Observation, observe

__all__ = [
    "Comparison",
    "Difference",
    "JujuCommand",
    "Observation",
    "Remedy",
    "Stage",
    "compare",
    "observe",
]
