"""The order in which Juju's client refuses a bundle: verification, trust, resolution, planner."""

from __future__ import annotations

from ..findings import Finding

# Facts of local charms, which the planner reads where the bundle does not name a platform.
_LOCAL_CHARMS = frozenset({"J107", "J114"})
# Rules whose faults the planner meets in some sections only: it plans machines after applications
# (J045 is about bases), and offers of other models last (BL100 is about crashes).
_LATE_SECTIONS = {"J045": "machines", "BL100": "saas"}


def is_of_planner(finding: Finding) -> bool:
    """Return whether Juju meets a fault only while it plans the changes.

    An earlier refusal hides it, and so does an application that the planner refuses first.
    """
    return finding.id in _LOCAL_CHARMS or finding.path[:1] == (_LATE_SECTIONS.get(finding.id),)
