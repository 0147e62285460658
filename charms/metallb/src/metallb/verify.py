"""The checks of the action `verify`: the objects, the pods, and a service with an address."""

import socket
import time
from typing import Callable, Dict, Iterable, List, NamedTuple

from labcharm.errors import BlockedError
from labcharm.json_types import JsonMapping, JsonObject
from labcharm.polling import wait_until
from labcharm.text import summarize
from labcharm.verify import Check
from labkube.charm import actions
from labkube.client.api import Api
from labkube.inspect.trials import delete_trial
from metallb.cluster.assignments import pool_annotation
from metallb.deployment import MetallbDeployment
from metallb.desired_state import DesiredState
from metallb.health.handled_services import load_balancer_class
from metallb.health.report import as_checks, findings
from metallb.trial import Trial

_NAME_PREFIX = "metallb-verify-"


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
    unit_networks: Iterable[str] = (),
    sleep: Callable[[float], None] = time.sleep,
) -> List[Check]:
    """Run all checks and return their results.

    Args:
        deployment: The deployment.
        desired: Its desired state.
        params: The parameters of the action.
        unit_networks: The networks of the unit's machine, as ADDRESS/BITS.
        sleep: Waits for some seconds; tests pass their own.
    """
    waiting = deployment.not_ready(desired)
    return [
        actions.comparison_check("objects", deployment.compare(desired)),
        Check("pods", not waiting, f"not ready: {summarize(waiting)}" if waiting else "ready"),
        *as_checks(findings(desired, deployment.observe(), unit_networks)),
        *_check_service(deployment.api, desired, params, sleep),
    ]


def _check_service(
    api: Api, desired: DesiredState, params: VerifyParams, sleep: Callable[[float], None]
) -> List[Check]:
    """Create a service, check its address, its announcement and its port, and delete it."""
    service = api.create(_service(desired, params))
    service.update(apiVersion="v1", kind="Service")
    try:
        return _check_address_and_port(Trial(api, desired, service, sleep), params)
    finally:
        delete_trial(api, service, sleep)


def _service(desired: DesiredState, params: VerifyParams) -> JsonObject:
    spec: JsonObject = {"type": "LoadBalancer", "ports": [{"port": params.port}]}
    if params.selector:
        spec["selector"] = params.selector
    if load_balancer_class(desired):
        spec["loadBalancerClass"] = load_balancer_class(desired)
    metadata: JsonObject = {"generateName": _NAME_PREFIX, "namespace": params.namespace}
    if desired.pools and not any(pool.auto_assigns for pool in desired.pools):
        metadata["annotations"] = {pool_annotation(desired.release): desired.pools[0].name}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def _check_address_and_port(trial: Trial, params: VerifyParams) -> List[Check]:
    start = time.monotonic()

    def remaining() -> float:
        return start + params.timeout - time.monotonic()

    check = trial.check_address(params.timeout)
    if not check.ok or not params.selector:
        return [check]
    announced = trial.check_announcement(remaining())
    return [check, announced, _check_port(trial.address, params.port, remaining(), trial.sleep)]


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
