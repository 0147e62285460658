"""The Secret of the speakers' memberlist."""

from __future__ import annotations

from metallb.manifests.memberlist import needs_memberlist_secret
from metallb.releases import find, fitting


def test_only_0_9_needs_the_secret_from_outside() -> None:
    """Later releases make it themselves."""
    releases = [name for name in fitting((1, 20)) if needs_memberlist_secret(find(name))]
    assert releases == ["v0.9.3", "v0.9.6", "v0.9.8"]
