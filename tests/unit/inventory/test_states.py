"""The states of machines, compared with what MAAS's source says of each release."""

from __future__ import annotations

import pytest

from botlab.inventory.states import Use, remedy, state_of
from helpers.maas_dump import maas_host
from helpers.maas_releases import RECORD, RELEASES, STATES


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("status", STATES)
def test_action_for_a_state_is_possible_in_each_release(status: str, release: str) -> None:
    """MAAS refuses an action in a state that it is not for."""
    state = state_of(maas_host(status=status))

    assert not state.action or state.action in RECORD[release]["actions"][status]
    assert not state.action or state.action in RECORD[release]["commands"]["machine"]


@pytest.mark.parametrize("status", STATES)
def test_each_state_has_a_use_and_a_remedy(status: str) -> None:
    """Only in Ready does MAAS give a machine to Juju."""
    host = maas_host(status=status)

    assert (state_of(host).use is Use.FREE) == (status == "Ready")
    assert status == "Ready" or remedy(host, "admin")


def test_machine_in_use_is_released_only_if_nobody_needs_it() -> None:
    """A locked one is unlocked before."""
    host = maas_host(status="Deployed")
    locked = maas_host(status="Deployed", is_locked=True)

    release = "maas admin machine release id1"
    assert remedy(host, "admin") == f"if nobody needs what runs on it: {release}"
    assert remedy(locked, "admin") == (
        f"if nobody needs what runs on it: maas admin machine unlock id1; {release}"
    )


def test_state_that_maas_does_not_have_is_not_free() -> None:
    """One that the dump lacks counts as free."""
    assert state_of(maas_host(status="Ascended")).use is Use.UNUSABLE
    assert state_of(maas_host(status="")).use is Use.FREE
