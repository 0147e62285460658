"""The check `load-balancer`: whether a service that asks for an address is assigned one."""

from typing import Callable, List, Optional

from kubeflow_installer.preflight.problems import Message
from labcharm.json_types import JsonObject, JsonValue
from labcharm.polling import wait_until
from labkube.apply.objects import ForeignObjectError, Objects
from labkube.client.api import Api
from labkube.client.references import name_of
from labkube.inspect.events import latest_message
from labkube.inspect.readiness import load_balancer_entries
from labkube.inspect.trials import delete_trial

NAME, NAMESPACE = "kubeflow-installer-probe", "default"


class Probe:
    """A service of type LoadBalancer, created for the check.

    It has the application's labels, so that a probe that remains after a crash is recognized.

    Args:
        api: The cluster.
        objects: The application's objects.
        sleep: Waits; passed in by tests.
        patience: How many seconds the load balancer has to assign an address.
    """

    def __init__(
        self, api: Api, objects: Objects, sleep: Callable[[float], None], patience: float
    ) -> None:
        self._api, self._objects = api, objects
        self._sleep, self._patience = sleep, patience

    def problems(self) -> List[str]:
        """Create the service, describe why no address is assigned, and delete the service.

        Raises:
            ApiError: When a request fails.
        """
        probe = _service()
        self._delete(probe)  # the events of an earlier probe say nothing about the current state
        try:
            self._objects.apply([probe], prune=False)
            return self._await_address(probe)
        except ForeignObjectError:
            return [f"{name_of(probe)} exists and was not made by this application; remove it"]
        finally:
            self._delete(probe)

    def _delete(self, probe: JsonObject) -> None:
        live = self._api.get(probe)
        if live is None or not self._objects.owns(live):
            return
        delete_trial(self._api, probe, self._sleep)
        self._wait_until(lambda: self._api.get(probe) is None)

    def _await_address(self, probe: JsonObject) -> List[str]:
        if self._wait_until(lambda: _has_address(self._api.get(probe))):
            return []
        event = latest_message(self._api, self._api.get(probe) or probe)
        problem = f"no LoadBalancer address within {self._patience:g} s: "
        if "no available IPs" in event:  # MetalLB's message in every release
            return [
                Message(
                    f"{problem}the pool has no free address ({event}); free one, or widen the"
                    " pool: juju config metallb addresses=FIRST-LAST",
                    "MetalLB's pool has no free address; juju config metallb addresses=FIRST-LAST",
                )
            ]
        if event:
            return [problem + event]
        return [
            Message(
                f"{problem}nothing assigns addresses; deploy metallb, or check its controller",
                "nothing assigns addresses; deploy metallb, or check its controller",
            )
        ]

    def _wait_until(self, condition: Callable[[], JsonValue]) -> bool:
        return bool(wait_until(condition, self._patience, sleep=self._sleep))


def _service() -> JsonObject:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
    }


def _has_address(service: Optional[JsonObject]) -> bool:
    entries = load_balancer_entries(service)
    return any(entry.get("ip") or entry.get("hostname") for entry in entries)
