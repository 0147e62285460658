"""Each charm alone in a model: deploy, act, configure, refresh, remove."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from juju.application import Application
from juju.model import Model
from pytest_operator.plugin import OpsTest

from helpers.archives import archive_in
from helpers.integration.cases import CASES, CharmCase, Expected
from helpers.integration.stand_ins import PRINCIPAL, pack_stand_in

READY_SECONDS = 600
PLATFORM = "jammy-noble"


@pytest_asyncio.fixture(scope="module")
async def model(ops_test: OpsTest, add_machines: Callable[[int], Awaitable[None]]) -> Model:
    """Return a model with a machine."""
    assert ops_test.model is not None
    await add_machines(1)
    return ops_test.model


@pytest_asyncio.fixture(scope="module")
async def principal(model: Model, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Deploy a principal that does nothing on machine 0, and return its name."""
    name = str(PRINCIPAL["name"])
    archive = pack_stand_in(tmp_path_factory.mktemp("principal"), PRINCIPAL)
    await model.deploy(str(archive), name, base="ubuntu@24.04", to="0")
    await model.wait_for_idle([name], status="active", timeout=READY_SECONDS)
    return name


@pytest_asyncio.fixture(scope="module", params=CASES, ids=lambda case: case.charm)
async def case(
    request: pytest.FixtureRequest, model: Model, principal: str, archives: Path
) -> CharmCase:
    """Deploy a charm on the principal's machine."""
    chosen: CharmCase = request.param
    archive = str(archive_in(archives, chosen.charm, PLATFORM))
    if chosen.subordinate:
        await model.deploy(archive, chosen.charm, base="ubuntu@24.04", num_units=0)
        await model.integrate(f"{chosen.charm}:juju-info", principal)
    else:
        await model.deploy(archive, chosen.charm, base="ubuntu@24.04", to="0")
    return chosen


def application_of(model: Model, case: CharmCase) -> Application:
    """Return the application of a charm."""
    return model.applications[case.charm]


async def wait_for(model: Model, case: CharmCase, expected: Expected) -> None:
    """Wait until the only unit of a charm shows a status."""

    def is_shown() -> bool:
        units = application_of(model, case).units
        shown = [(unit.workload_status, unit.workload_status_message) for unit in units]
        return len(shown) == 1 and expected.allows(*shown[0])

    await model.block_until(is_shown, timeout=READY_SECONDS)


async def test_status_says_what_is_missing(model: Model, case: CharmCase) -> None:
    """Alone in a model, the charm names what it needs, or has nothing to do."""
    await wait_for(model, case, case.alone)


async def test_action_ends_as_described(model: Model, case: CharmCase) -> None:
    """An action completes or fails, with its results."""
    [unit] = application_of(model, case).units
    action = await (await unit.run_action(case.action.name)).wait()
    assert action.status == case.action.status
    assert {key: action.results.get(key) for key in case.action.results} == dict(
        case.action.results
    )


async def test_option_changes_the_status_and_its_default_restores_it(
    model: Model, case: CharmCase
) -> None:
    """The unit follows the option both ways."""
    option, value = case.option
    application = application_of(model, case)
    await application.set_config({option: value})
    await wait_for(model, case, case.changed)
    await application.set_config({option: case.default})
    await wait_for(model, case, case.alone)


async def test_refresh_keeps_the_status(model: Model, case: CharmCase, archives: Path) -> None:
    """The same archive is a new revision, and the charm says the same as before."""
    application = application_of(model, case)
    before = application.charm_url
    await application.refresh(path=archive_in(archives, case.charm, PLATFORM))
    await model.block_until(lambda: application.charm_url != before, timeout=READY_SECONDS)
    await wait_for(model, case, case.alone)


async def test_removal_leaves_nothing_in_the_model(
    model: Model, case: CharmCase, principal: str
) -> None:
    """The application goes away, and the principal on the same machine stays active."""
    await model.remove_application(case.charm, block_until_done=True, timeout=READY_SECONDS)
    assert case.charm not in model.applications
    [unit] = model.applications[principal].units
    assert unit.workload_status == "active"
