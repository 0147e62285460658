"""A model with machines, and the packed charms. Without a controller, all tests are skipped.

On a cloud that does not make machines, ``BOTLAB_MACHINES`` names the hosts to use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import jubilant
import pytest

from helpers.archives import pack_charms
from helpers.integration.controllers import NoControllerError, controller_version, generation
from helpers.integration.machines import add_machine_arguments, hosts_of_environment

HERE = Path(__file__).parent
READY_SECONDS = 900


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests of this directory when there is no controller, with the reason."""
    tests = [item for item in items if HERE in item.path.parents]
    if not tests:
        return
    try:
        version = controller_version(config.getoption("--juju-controller"))
    except NoControllerError as error:
        reason = str(error)
    else:
        reason = "jubilant needs Juju 3 or later" if version.startswith("2.") else ""
    if reason:
        for test in tests:
            test.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def juju_generation(request: pytest.FixtureRequest) -> str:
    """Return the generation of the controller."""
    return generation(controller_version(request.config.getoption("--juju-controller")))


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
def add_machines(juju: jubilant.Juju, hosts: Iterator[str] | None) -> Callable[[int], None]:
    """Return what adds machines 0, 1 and so on to the model, and waits for them."""

    def add(count: int) -> None:
        for arguments in add_machine_arguments(count, hosts):
            juju.cli("add-machine", *arguments)
        juju.wait(lambda status: _started(status) == count, timeout=READY_SECONDS)

    return add


def _started(status: jubilant.Status) -> int:
    return sum(machine.juju_status.current == "started" for machine in status.machines.values())
