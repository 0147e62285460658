"""The checks of a lab: those of the charms' action ``verify``, and those of the cluster.

- ``report``: checks, and the answer of the command.
- ``lab``: runs all checks at the same time.
- ``charms``: runs the action on the units of this project's charms.
- ``answers``: reads the answer of the action.
- ``commands``: commands that run an action, for messages.
- ``cluster``: the checks of the cluster.
- ``nodes``, ``gpus``, ``storage``, ``pods``, ``balancers``: the checks of one topic each.
"""

from .lab import verify_lab
from .report import Check, VerifyReport

__all__ = ["Check", "VerifyReport", "verify_lab"]
