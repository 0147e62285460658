"""An example lab as a bundle, with stand-ins for the charms of the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jubilant
import pytest

from helpers.integration.lab import LAB_STATUSES, MACHINES, lab_bundle

READY_SECONDS = 900


@pytest.fixture(scope="module")
def bundle(
    juju: jubilant.Juju,
    juju_generation: str,
    add_machines: Callable[[int], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Deploy the bundle and return its path."""
    add_machines(MACHINES)
    path = lab_bundle(tmp_path_factory.mktemp("lab"), juju_generation)
    juju.cli("deploy", str(path), "--map-machines=existing")
    return path


def test_every_charm_gets_its_status(juju: jubilant.Juju, bundle: Path) -> None:
    """The stand-ins are active; the charms wait for a cluster, which stand-ins do not give."""

    def is_complete(status: jubilant.Status) -> bool:
        own = {name: status.apps[name].app_status for name in LAB_STATUSES}
        others = set(status.apps) - set(own)
        return (
            jubilant.all_agents_idle(status)
            and jubilant.all_active(status, *others)
            and all(
                LAB_STATUSES[name].allows(shown.current, shown.message)
                for name, shown in own.items()
            )
        )

    juju.wait(is_complete, error=jubilant.any_error, timeout=READY_SECONDS)


def test_second_deployment_changes_nothing(juju: jubilant.Juju, bundle: Path) -> None:
    """Juju repeats what it exposes, which has no effect, and nothing else."""
    shown = juju.cli("deploy", str(bundle), "--map-machines=existing", "--dry-run")
    changes = [line for line in shown.splitlines() if line.startswith("- ")]
    allowed = "and allow access from CIDRs 0.0.0.0/0 and ::/0"
    assert changes == [
        f"- expose all endpoints of {name} {allowed}"
        for name in ("kubeapi-load-balancer", "kubernetes-worker")
    ]


def test_charms_can_be_removed_from_the_lab(juju: jubilant.Juju, bundle: Path) -> None:
    """Their units have relations, so their hooks `stop` run; the stand-ins stay active."""
    juju.remove_application(*LAB_STATUSES)

    def are_gone(status: jubilant.Status) -> bool:
        return not set(LAB_STATUSES) & set(status.apps)

    juju.wait(are_gone, error=jubilant.any_error, timeout=READY_SECONDS)
    juju.wait(jubilant.all_active, timeout=READY_SECONDS)
