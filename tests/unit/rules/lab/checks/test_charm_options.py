"""Rules about options with a fixed set of values."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.assessments import assess_layer, paths_of


@pytest.mark.parametrize(("policy", "is_reported"), [("Recycle", True), ("Retain", False)])
def test_raw_reclaim_policy_must_be_one_that_nfs_server_accepts(
    tmp_path: Path, policy: str, is_reported: bool
) -> None:
    """The model checks the section only."""
    options = {"nfs-server": {"options": {"reclaim-policy": policy}}}
    layer = {"nfs": {"server": "node3"}, "applications": options}
    path = "applications.nfs-server.options.reclaim-policy"

    assert paths_of(assess_layer(tmp_path, layer).findings, "BL046") == [path] * is_reported
