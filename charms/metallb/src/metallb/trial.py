"""The service of `verify`: its address, who assigned it, and who announces it.

An address counts as MetalLB's when it is in a pool and MetalLB's controller reports that it
assigned it: by the annotation ip-allocated-from-pool, which the controller writes from 0.13.8 on,
or by its event IPAllocated (every release; controller/service.go). A speaker reports the event
nodeAssigned about a service that it announces, once the service has an endpoint (speaker/main.go).
"""

from typing import Callable, List

from labcharm.json_types import JsonMapping, JsonObject
from labcharm.polling import wait_until
from labcharm.verify import Check
from labkube.client.api import Api
from labkube.inspect.events import latest_message, list_events
from labkube.inspect.readiness import load_balancer_entries
from metallb.cluster.assignments import pool_of
from metallb.config.addresses import parse_ip
from metallb.desired_state import DesiredState
from metallb.health.rivals import CLOUD_FINALIZER

_NO_EVENT = "MetalLB's controller reported no event about it"
_ALLOCATED_FROM = (
    "metallb.io/ip-allocated-from-pool", "metallb.universe.tf/ip-allocated-from-pool",
)  # fmt: skip


class Trial:
    """A service that was created for a trial.

    Args:
        api: The cluster.
        desired: The desired state.
        service: The service as it was created.
        sleep: Waits for some seconds.

    Attributes:
        address: The address of the service; empty as long as it has none.
    """

    def __init__(
        self,
        api: Api,
        desired: DesiredState,
        service: JsonObject,
        sleep: Callable[[float], None],
    ) -> None:
        self._api, self._desired, self._service = api, desired, service
        self.sleep, self.address = sleep, ""

    def check_address(self, seconds: float) -> Check:
        """Wait for an address that MetalLB assigned from one of the pools.

        Args:
            seconds: How long to wait at most.
        """
        faults: List[str] = []

        def has_own_address() -> bool:
            faults[:] = [self._fault()]
            return not faults[0]

        if wait_until(has_own_address, seconds, sleep=self.sleep):
            return Check("address", True, f"the service has the address {self.address}")
        if self.address:
            return Check("address", False, faults[0])
        reason = latest_message(self._api, self._service, _NO_EVENT)
        return Check("address", False, f"no address after {seconds:.0f} s; {reason}")

    def _fault(self) -> str:
        """Return why the service has no address of this MetalLB yet; empty when it has one."""
        live = self._api.get(self._service)
        entries = load_balancer_entries(live)
        if live is None or not entries:
            return "no address"
        self.address = str(entries[0].get("ip") or entries[0].get("hostname") or "")
        address = parse_ip(self.address)
        pool = pool_of(address, self._desired.pools) if address is not None else None
        if pool is None:
            fix = "remove the other load balancer"
            return f"the address {self.address} is in none of the pools; {fix}"
        metadata = live["metadata"]
        if CLOUD_FINALIZER in (metadata.get("finalizers") or []):
            return f"a cloud provider also serves {self.address}; disable its load balancer"
        if self._is_assigned_from(metadata.get("annotations") or {}, pool.name):
            return ""
        return f"MetalLB does not report that it assigned {self.address}; find who did"

    def _is_assigned_from(self, annotations: JsonMapping, pool: str) -> bool:
        if any(annotations.get(key) == pool for key in _ALLOCATED_FROM):
            return True
        return any(f'"{self.address}"' in message for message in self._messages("IPAllocated"))

    def check_announcement(self, seconds: float) -> Check:
        """Wait until a speaker reports that it announces the service.

        Args:
            seconds: How long to wait at most.
        """
        messages = wait_until(lambda: self._messages("nodeAssigned"), seconds, sleep=self.sleep)
        if messages:
            return Check("announcement", True, messages[-1])
        reason = (
            "no speaker reported that it announces the service; check the selector and the pods"
        )
        return Check("announcement", False, reason)

    def _messages(self, reason: str) -> List[str]:
        """Return the messages of MetalLB's events about the service."""
        metadata = self._service["metadata"]
        selector = f"involvedObject.uid={metadata['uid']}"
        return [
            str(event.get("message", ""))
            for event in list_events(self._api, metadata["namespace"], selector)
            if event.get("reason") == reason
            and str((event.get("source") or {}).get("component", "")).startswith("metallb-")
        ]
