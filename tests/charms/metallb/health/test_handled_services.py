"""The services that wait for an address."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.metallb_cluster import POOL, desired_on, service
from metallb.health.findings import BLOCKED, NOTE, OK, WAITING
from metallb.health.handled_services import handled_services, services

ON_REQUEST = "{name: special, protocol: layer2, auto-assign: false, addresses: [10.0.1.0/30]}"
FULL = [service(f"s{number}", f"10.0.0.{number}") for number in range(10, 14)]


def finding(*entries: Any, pools: tuple[str, ...] = (POOL,)) -> tuple[str, str]:
    """Return severity and message for these services."""
    outcome = services(desired_on(*pools).pools, list(entries))
    return outcome.severity, outcome.message


def names(*entries: Any, **desired: str) -> list[str]:
    """Return the names of the services that MetalLB handles."""
    handled = handled_services(desired_on(**desired), entries)
    return [entry["metadata"]["name"] for entry in handled]


def test_services_with_an_address_are_counted() -> None:
    assert finding(service("a", "10.0.0.10"), service("b", "10.0.0.11")) == (
        OK, "2 have an address",
    )  # fmt: skip


def test_pool_that_is_used_up_blocks() -> None:
    assert finding(*FULL, service("web")) == (
        BLOCKED, "lab/web waits for an address: none left; add some to the pools",
    )  # fmt: skip
    assert finding(*FULL, service("a"), service("b"), service("c")) == (
        BLOCKED, "lab/a and 2 more wait for an address: none left; add some to the pools",
    )  # fmt: skip


def test_pools_on_request_alone_block() -> None:
    """A service that asks for the pool gets an address all the same."""
    message = "lab/web waits for an address: no pool has auto-assign; set it in the option pools"
    assert finding(service("web"), pools=(ON_REQUEST,)) == (BLOCKED, message)
    asking = service("web", annotations={"metallb.io/address-pool": "special"})
    assert finding(asking, pools=(ON_REQUEST,))[0] == WAITING


def test_full_pool_on_request_does_not_matter_to_other_services() -> None:
    used = [service(f"s{number}", f"10.0.1.{number}") for number in range(4)]
    asking = service("web", annotations={"metallb.universe.tf/address-pool": "special"})
    assert finding(*used, service("web"), pools=(POOL, ON_REQUEST))[0] == WAITING
    assert finding(*used, asking, pools=(POOL, ON_REQUEST))[0] == BLOCKED


@pytest.mark.parametrize(
    ("waiting", "reason"),
    [
        (service("web", annotations={"metallb.io/address-pool": "x"}),
         "asks for pool x, which does not exist"),
        (service("web", loadBalancerIP="10.9.9.9"), "asks for an address that it cannot have"),
        (service("web", annotations={"metallb.io/loadBalancerIPs": "10.9.9.9, fd00::1"}),
         "asks for an address that it cannot have"),
    ],
)  # fmt: skip
def test_fault_of_a_service_is_noted_and_does_not_block(waiting: Any, reason: str) -> None:
    """Everybody who may create a service can cause it, and MetalLB works all the same."""
    assert finding(waiting) == (NOTE, f"lab/web waits for an address: {reason}")


def test_new_service_waits() -> None:
    severity, message = finding(service("web"))
    assert severity == WAITING
    assert message.startswith("lab/web waits for an address: ")


def test_most_severe_reason_is_shown() -> None:
    faulty = service("a", loadBalancerIP="10.9.9.9")
    assert finding(*FULL, faulty, service("b"))[0] == BLOCKED


def test_services_of_another_class_belong_to_another_load_balancer() -> None:
    """From 0.13 on; a flag of the controller gives MetalLB a class of its own."""
    entries = (service("plain"), service("cilium", loadBalancerClass="io.cilium/l2"))
    assert names(*entries) == ["plain"]
    assert names(*entries, version="v0.12.1") == ["plain", "cilium"]
    assert names(*entries, controller="--lb-class=io.cilium/l2") == ["cilium"]


def test_other_types_and_services_that_are_being_deleted_do_not_wait() -> None:
    leaving = service("leaving")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert names(service("inner", type="ClusterIP"), leaving) == []
