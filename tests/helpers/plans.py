"""Plans of small bundles."""

from __future__ import annotations

from collections.abc import Sequence

from botlab import plan
from botlab.bundle import BundleSource, parse_bundle
from botlab.bundle_charms import read_local_charms
from botlab.juju import Juju


def planned(
    text: str,
    juju: Juju,
    *,
    directory: str = "",
    model: plan.Model | None = None,
    model_constraints: str = "",
) -> plan.ChangeSet:
    """Return the plan of a bundle.

    Args:
        text: The bundle, perhaps with overlays as further documents.
        juju: The release.
        directory: The directory of local charms.
        model: The model; by default an empty one.
        model_constraints: The constraints of the model.
    """
    bundle = parse_bundle(BundleSource(text, directory=directory), juju).bundle
    charms = read_local_charms(bundle).facts
    return plan.changes(
        bundle, juju, charms=charms, model=model, model_constraints=model_constraints
    )


def plan_lines(
    text: str,
    juju: Juju,
    *,
    directory: str = "",
    model: plan.Model | None = None,
    model_constraints: str = "",
) -> list[str]:
    """Return the changes of a bundle as the dry run prints them, without ``- ``."""
    changes = planned(
        text, juju, directory=directory, model=model, model_constraints=model_constraints
    )
    return [line for change in changes.sorted() for line in change.description]


def uploads(lines: Sequence[str]) -> list[str]:
    """Return the lines about uploads."""
    return [line for line in lines if line.startswith("upload charm ")]
