"""What a repeated deployment has no effect on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from botlab.juju import Juju
from botlab.live.deploy.preparation import prepare
from botlab.live.deploy.request import DeployRequest
from botlab.live.time_limits import Deadline
from botlab.plan.change_set import ChangeSet
from helpers.small_labs import deployed_lab


@pytest.mark.parametrize(
    ("method", "args", "is_ineffective"),
    [
        ("expose", ["web", None], True),
        ("expose", ["$deploy-1", None], False),
        ("createOffer", ["store", ["db"], "sql"], True),
        ("grantOfferAccess", ["bob", "consume", "sql"], True),
        ("consumeOffer", ["ctrl:admin/other.sql", "remote"], True),
        ("setOptions", ["store", {"colour": "red"}], False),
        ("addUnit", ["web", ""], False),
    ],
)
def test_repeated_exposures_and_offers_have_no_effect(
    tmp_path: Path, method: str, args: list[object], is_ineffective: bool
) -> None:
    """Juju plans them again for a model that has their result already."""
    lab = deployed_lab(tmp_path, "3.6")
    preparation = prepare(lab.model, DeployRequest(lab.lab, lab.path), Deadline(None))
    changes = ChangeSet(Juju.V3_6)
    change = changes.add(method, args, [method])

    repeated = dataclasses.replace(preparation, changes=changes)

    assert repeated.ineffective == ([change] if is_ineffective else [])
    assert repeated.has_effect is not is_ineffective
