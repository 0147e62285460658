"""Each charm alone in a model: deploy, act, configure, refresh, remove."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jubilant
import pytest

from helpers.archives import archive_in
from helpers.integration.cases import CASES, CharmCase, Expected
from helpers.integration.stand_ins import PRINCIPAL, pack_stand_in

READY_SECONDS = 600
PLATFORM = "jammy-noble"


@pytest.fixture(scope="module")
def principal(
    juju: jubilant.Juju,
    add_machines: Callable[[int], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Deploy a principal that does nothing on machine 0, and return its name."""
    add_machines(1)
    name = str(PRINCIPAL["name"])
    archive = pack_stand_in(tmp_path_factory.mktemp("principal"), PRINCIPAL)
    juju.deploy(archive, name, base="ubuntu@24.04", to="0")
    juju.wait(lambda status: jubilant.all_active(status, name), timeout=READY_SECONDS)
    return name


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.charm)
def case(
    request: pytest.FixtureRequest, juju: jubilant.Juju, principal: str, archives: Path
) -> CharmCase:
    """Deploy a charm on the principal's machine."""
    chosen: CharmCase = request.param
    archive = archive_in(archives, chosen.charm, PLATFORM)
    if chosen.subordinate:
        juju.deploy(archive, chosen.charm, base="ubuntu@24.04")
        juju.integrate(f"{chosen.charm}:juju-info", principal)
    else:
        juju.deploy(archive, chosen.charm, base="ubuntu@24.04", to="0")
    return chosen


def wait_for(juju: jubilant.Juju, charm: str, expected: Expected) -> None:
    """Wait until the application of a charm shows a status."""

    def is_shown(status: jubilant.Status) -> bool:
        shown = status.apps[charm].app_status
        return expected.allows(shown.current, shown.message)

    juju.wait(is_shown, timeout=READY_SECONDS)


def test_status_says_what_is_missing(juju: jubilant.Juju, case: CharmCase) -> None:
    """Alone in a model, the charm names what it needs, or has nothing to do."""
    wait_for(juju, case.charm, case.alone)


def test_action_ends_as_described(juju: jubilant.Juju, case: CharmCase) -> None:
    """An action completes or fails, with its message and results."""
    unit = next(iter(juju.status().get_units(case.charm)))
    try:
        task = juju.run(unit, case.action.name, wait=120)
    except jubilant.TaskError as error:
        task = error.task
    assert (task.status, task.message) == (case.action.status, case.action.message)
    assert {key: task.results.get(key) for key in case.action.results} == dict(case.action.results)


def test_option_changes_the_status_and_its_default_restores_it(
    juju: jubilant.Juju, case: CharmCase
) -> None:
    """The default is set by its value: `juju config --reset` of 4.0.15 runs no hook."""
    option, value = case.option
    juju.config(case.charm, {option: value})
    wait_for(juju, case.charm, case.changed)
    juju.config(case.charm, {option: case.default})
    wait_for(juju, case.charm, case.alone)


def test_refresh_keeps_the_status(juju: jubilant.Juju, case: CharmCase, archives: Path) -> None:
    """The same archive is a new revision, and the charm says the same as before."""
    juju.refresh(case.charm, path=archive_in(archives, case.charm, PLATFORM))
    juju.wait(lambda status: status.apps[case.charm].charm_rev == 1, timeout=READY_SECONDS)
    wait_for(juju, case.charm, case.alone)


def test_removal_leaves_nothing_in_the_model(
    juju: jubilant.Juju, case: CharmCase, principal: str
) -> None:
    """The application goes away, and the principal on the same machine stays active."""
    juju.remove_application(case.charm)
    juju.wait(lambda status: case.charm not in status.apps, timeout=READY_SECONDS)
    assert jubilant.all_active(juju.status(), principal)
