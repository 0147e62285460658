"""An example lab as a bundle, with stand-ins for the charms of the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from pytest_operator.plugin import OpsTest

from helpers.integration.lab import LAB_STATUSES, MACHINES, lab_bundle

READY_SECONDS = 900


@pytest_asyncio.fixture(scope="module")
async def bundle(
    ops_test: OpsTest,
    juju_generation: str,
    add_machines: Callable[[int], Awaitable[None]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Deploy the bundle by the client, as people do, and return its path."""
    await add_machines(MACHINES)
    path = lab_bundle(tmp_path_factory.mktemp("lab"), juju_generation)
    await ops_test.juju("deploy", str(path), "--map-machines=existing", check=True)
    return path


async def test_every_charm_gets_its_status(ops_test: OpsTest, bundle: Path) -> None:
    """The charms wait for a cluster, which stand-ins do not give."""
    model = ops_test.model
    assert model is not None
    await model.wait_for_idle(timeout=READY_SECONDS)
    for name, expected in LAB_STATUSES.items():
        units = model.applications[name].units
        shown = [(unit.workload_status, unit.workload_status_message) for unit in units]
        assert [status for status in shown if not expected.allows(*status)] == []
        assert shown != []


async def test_second_deployment_changes_nothing(ops_test: OpsTest, bundle: Path) -> None:
    """Juju may repeat what it exposes, which has no effect, and nothing else."""
    arguments = ("deploy", str(bundle), "--map-machines=existing", "--dry-run")
    _, shown, _ = await ops_test.juju(*arguments, check=True)
    changes = [line for line in shown.splitlines() if line.startswith("- ")]
    assert [line for line in changes if not line.startswith("- expose ")] == []


async def test_charms_can_be_removed_from_the_lab(ops_test: OpsTest, bundle: Path) -> None:
    """Their units have relations, so their hooks `stop` run; the stand-ins stay active."""
    model = ops_test.model
    assert model is not None
    for name in LAB_STATUSES:
        await model.remove_application(name)
    await model.block_until(
        lambda: not set(LAB_STATUSES) & set(model.applications), timeout=READY_SECONDS
    )
    await model.wait_for_idle(status="active", timeout=READY_SECONDS)
