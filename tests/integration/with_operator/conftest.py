"""A model with machines, and the packed charms. Without a controller, all tests are skipped.

On a cloud that does not make machines, ``BOTLAB_MACHINES`` names the hosts to use.
"""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from pytest_operator.plugin import OpsTest

from helpers.archives import pack_charms
from helpers.integration.controllers import NoControllerError, controller_version, generation
from helpers.integration.machines import add_machine_arguments, hosts_of_environment

HERE = Path(__file__).parent
READY_SECONDS = 900


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests of this directory when they cannot run, with the reason."""
    tests = [item for item in items if HERE in item.path.parents]
    reason = why_not(config.getoption("--controller")) if tests else ""
    if reason:
        for test in tests:
            test.add_marker(pytest.mark.skip(reason=reason))


def why_not(controller: str | None) -> str:
    """Return why pytest-operator cannot test with a controller; empty when it can."""
    try:
        version = controller_version(controller)
    except NoControllerError as error:
        return str(error)
    if not version.startswith("3."):
        return f"python-libjuju needs Juju 3; the controller runs {version}"
    if not shutil.which("charmcraft"):
        return "pytest-operator needs charmcraft on PATH, although it packs nothing here"
    return ""


@pytest.fixture(scope="session")
def juju_generation(request: pytest.FixtureRequest) -> str:
    """Return the generation of the controller."""
    return generation(controller_version(request.config.getoption("--controller")))


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pack all charms into one directory and return it."""
    directory = tmp_path_factory.mktemp("charms")
    pack_charms(directory)
    return directory


@pytest.fixture(scope="session")
def hosts() -> Iterator[str] | None:
    """Return the hosts that no model has yet; None when the cloud makes machines."""
    return hosts_of_environment()


@pytest.fixture(scope="module")
def add_machines(
    ops_test: OpsTest, hosts: Iterator[str] | None
) -> Callable[[int], Awaitable[None]]:
    """Return what adds machines 0, 1 and so on to the model, and waits for them."""

    async def add(count: int) -> None:
        model = ops_test.model
        assert model is not None
        for arguments in add_machine_arguments(count, hosts):
            await ops_test.juju("add-machine", *arguments, check=True)

        def are_started() -> bool:
            states = [machine.agent_status for machine in model.machines.values()]
            return states == ["started"] * count

        await model.block_until(are_started, timeout=READY_SECONDS)

    return add
