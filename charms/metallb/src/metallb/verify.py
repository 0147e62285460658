"""The checks of the action `verify`: the objects, the pods, and a service with an address."""

import socket
import time
from typing import Callable, Dict, List, NamedTuple

from labcharm.errors import BlockedError
from labcharm.json_types import JsonMapping, JsonObject
from labcharm.polling import wait_until
from labcharm.text import summarize
from labcharm.verify import Check
from labkube.charm import actions
from labkube.client.api import Api
from labkube.inspect.events import latest_message
from labkube.inspect.readiness import load_balancer_entries
from labkube.inspect.trials import delete_trial
from metallb.deployment import MetallbDeployment
from metallb.desired_state import DesiredState

_NAME_PREFIX = "metallb-verify-"
_NO_EVENT = "MetalLB's controller reported no event about it"


class VerifyParams(NamedTuple):
    """The parameters of the action.

    Attributes:
        selector: Labels of pods that the service leads to; empty to connect to nothing.
        namespace: The namespace of the service.
        port: The port of the service and of the pods.
        timeout: How many seconds to wait for an address and a connection.
    """

    selector: Dict[str, str]
    namespace: str
    port: int
    timeout: float


def read_params(params: JsonMapping) -> VerifyParams:
    """Return the parameters of the action.

    Raises:
        BlockedError: When the selector is not KEY=VALUE,KEY=VALUE.
    """
    return VerifyParams(
        read_selector(params.get("selector") or ""),
        params.get("namespace") or "default",
        int(params.get("port") or 80),
        float(params.get("timeout") or 60),
    )


def read_selector(text: str) -> Dict[str, str]:
    """Return the labels of KEY=VALUE,KEY=VALUE.

    Raises:
        BlockedError: When the text has another form.
    """
    selector = {}
    for word in text.replace(",", " ").split():
        key, equals, label = word.partition("=")
        if not equals or not key:
            raise BlockedError(f"selector contains {word!r}; write KEY=VALUE,KEY=VALUE")
        selector[key] = label
    return selector


def run_checks(
    deployment: MetallbDeployment,
    desired: DesiredState,
    params: VerifyParams,
    sleep: Callable[[float], None] = time.sleep,
) -> List[Check]:
    """Run all checks and return their results.

    Args:
        deployment: The deployment.
        desired: Its desired state.
        params: The parameters of the action.
        sleep: Waits for some seconds; tests pass their own.
    """
    waiting = deployment.not_ready(desired)
    return [
        actions.comparison_check("objects", deployment.compare(desired)),
        Check("pods", not waiting, f"not ready: {summarize(waiting)}" if waiting else "ready"),
        *_check_service(deployment.api, params, sleep),
    ]


def _check_service(api: Api, params: VerifyParams, sleep: Callable[[float], None]) -> List[Check]:
    """Create a service, check its address and its port, and delete it."""
    spec: JsonObject = {"type": "LoadBalancer", "ports": [{"port": params.port}]}
    if params.selector:
        spec["selector"] = params.selector
    metadata = {"generateName": _NAME_PREFIX, "namespace": params.namespace}
    service = api.create(
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
    )
    service.update(apiVersion="v1", kind="Service")
    try:
        return _check_address_and_port(api, service, params, sleep)
    finally:
        delete_trial(api, service, sleep)


def _check_address_and_port(
    api: Api, service: JsonObject, params: VerifyParams, sleep: Callable[[float], None]
) -> List[Check]:
    start = time.monotonic()
    address = wait_until(lambda: _address(api, service), params.timeout, sleep=sleep)
    if not address:
        reason = latest_message(api, service, _NO_EVENT)
        return [Check("address", False, f"no address after {params.timeout:.0f} s; {reason}")]
    checks = [Check("address", True, f"the service has the address {address}")]
    if params.selector:
        remaining = start + params.timeout - time.monotonic()
        checks.append(_check_port(address, params.port, remaining, sleep))
    return checks


def _address(api: Api, service: JsonObject) -> str:
    entries = load_balancer_entries(api.get(service))
    return str(entries[0].get("ip", "")) if entries else ""


def _check_port(address: str, port: int, seconds: float, sleep: Callable[[float], None]) -> Check:
    """Connect to the service. Its address answers no ping in layer 2 mode."""
    errors: List[str] = []

    def answers() -> bool:
        try:
            socket.create_connection((address, port), timeout=3).close()
        except OSError as error:
            errors.append(str(error))
            return False
        return True

    if wait_until(answers, seconds, interval=1.0, sleep=sleep):
        return Check("port", True, f"{address} port {port} answers")
    return Check("port", False, f"{address} port {port} does not answer: {errors[-1]}")
