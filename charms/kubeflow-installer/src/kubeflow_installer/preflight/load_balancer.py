"""Whether the cluster hands out LoadBalancer addresses, by a service that asks for one."""

from typing import Any, Callable, List

from labkube.apply.objects import ForeignObjectError, Objects
from labkube.apply.references import name_of
from labkube.client.api import Api, Object
from labkube.inspect.trials import take_away

NAME, NAMESPACE = "kubeflow-installer-probe", "default"
_PAUSE = 0.5


class Probe:
    """The service; it carries our labels, so that one which a crash leaves is found.

    Args:
        api: The cluster.
        objects: Ours.
        sleep: Waits; handed in for tests.
        patience: Seconds that an address may take.
    """

    def __init__(
        self, api: Api, objects: Objects, sleep: Callable[[float], None], patience: float
    ) -> None:
        self._api, self._objects = api, objects
        self._sleep, self._patience = sleep, patience

    def problems(self) -> List[str]:
        """Say why no address is given, by the last word of whoever should; the service goes again.

        Raises:
            ApiError: When a request fails.
        """
        probe = _service()
        self._forget(probe)  # what an earlier one was told says nothing about now
        try:
            self._objects.apply([probe], prune=False)
            return self._addressed(probe)
        except ForeignObjectError:
            return ["%s is not ours and stands where the probe would; remove it" % name_of(probe)]
        finally:
            self._forget(probe)

    def _forget(self, probe: Object) -> None:
        left = self._api.get(probe)
        if left is None or not self._objects.owns(left):
            return
        take_away(self._api, probe, self._sleep)
        self._until(lambda: self._api.get(probe) is None)

    def _addressed(self, probe: Object) -> List[str]:
        if self._until(lambda: _has_address(self._api.get(probe) or {})):
            return []
        words = self._last_words(self._api.get(probe) or probe)
        told = "no LoadBalancer address within %g s: " % self._patience
        if "no available IPs" in words:  # MetalLB's, of every release
            mend = "; free one or widen the pool: juju config metallb addresses=FIRST-LAST"
            return [told + "the pool is used up (%s)" % words + mend]
        if words:
            return [told + words]
        return [told + "nothing hands them out; deploy metallb, or look at its controller's pod"]

    def _last_words(self, service: Object) -> str:
        """Return the latest event about this very service, not about an earlier one."""
        path = "/api/v1/namespaces/%s/events" % NAMESPACE
        query = {"fieldSelector": "involvedObject.uid=%s" % service["metadata"].get("uid", "")}
        events = self._api.request("GET", path, query=query).get("items", [])
        words = [str(one.get("message", "")) for one in sorted(events, key=_when)]
        return " ".join(words[-1].split()) if words else ""

    def _until(self, seen: Callable[[], Any]) -> bool:
        """Look until it is seen, as long as patience lasts."""
        for _ in range(int(self._patience / _PAUSE)):
            if seen():
                return True
            self._sleep(_PAUSE)
        return bool(seen())


def _service() -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
    }


def _has_address(service: Object) -> bool:
    entries = (service.get("status") or {}).get("loadBalancer", {}).get("ingress") or []
    return any(one.get("ip") or one.get("hostname") for one in entries)


def _when(event: Object) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or "")
