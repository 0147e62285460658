"""What the action `verify` tries: the objects, the pods, and a service that gets an address."""

import socket
import time
from typing import Any, Callable, Dict, List, NamedTuple

from labcharm.text import some
from labcharm.verify import Check
from labkube.charm import actions
from labkube.client.api import Api
from labkube.inspect.trials import last_words, take_away
from metallb.deployment import Metallb
from metallb.desired import Wish

_NAME = "metallb-verify-"
_SILENT = "MetalLB's controller said nothing of it"
Trial = NamedTuple(
    "Trial",
    [("selector", Dict[str, str]), ("namespace", str), ("port", int), ("timeout", float)],
)


def read_selector(text: str) -> Dict[str, str]:
    """Read KEY=VALUE,KEY=VALUE.

    Raises:
        ValueError: When it is none.
    """
    found = {}
    for word in text.replace(",", " ").split():
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise ValueError("selector holds %r; write KEY=VALUE,KEY=VALUE" % word)
        found[key] = value
    return found


def run_checks(
    metallb: Metallb, wish: Wish, trial: Trial, sleep: Callable[[float], None] = time.sleep
) -> List[Check]:
    """Try all and return what was seen."""
    checks = [actions.as_check("objects", metallb.compare(wish))]
    waiting = metallb.not_ready(wish)
    told = "not ready: %s" % some(waiting) if waiting else "ready"
    checks.append(Check("pods", not waiting, told))
    return checks + _service(metallb.api, trial, sleep)


def _service(api: Api, trial: Trial, sleep: Callable[[float], None]) -> List[Check]:
    """Make a service, look at its address and its port, and take it away again."""
    body = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"generateName": _NAME, "namespace": trial.namespace},
        "spec": {"type": "LoadBalancer", "ports": [{"port": trial.port}]},
    }
    if trial.selector:
        body["spec"]["selector"] = trial.selector  # type: ignore[index]
    made = api.create(body)
    made.update(apiVersion="v1", kind="Service")
    try:
        return _seen(api, made, trial, sleep)
    finally:
        take_away(api, made, sleep)


def _seen(api: Api, made: Any, trial: Trial, sleep: Callable[[float], None]) -> List[Check]:
    end = time.monotonic() + trial.timeout
    address = _address(api, made)
    while not address and time.monotonic() < end:
        sleep(0.5)
        address = _address(api, made)
    if not address:
        told = "no address after %d s; %s" % (trial.timeout, last_words(api, made, _SILENT))
        return [Check("address", False, told)]
    checks = [Check("address", True, "the service was given %s" % address)]
    if trial.selector:
        checks.append(_port(address, trial.port, end, sleep))
    return checks


def _address(api: Api, made: Any) -> str:
    live = api.get(made) or {}
    entries = (live.get("status") or {}).get("loadBalancer", {}).get("ingress") or []
    return str(entries[0].get("ip", "")) if entries else ""


def _port(address: str, port: int, end: float, sleep: Callable[[float], None]) -> Check:
    """Connect to the service; layer 2 answers no ping, so a connection is the only proof."""
    error = ""
    while True:
        try:
            socket.create_connection((address, port), timeout=3).close()
        except OSError as failure:
            error = str(failure)
        else:
            return Check("port", True, "%s port %d answers" % (address, port))
        if time.monotonic() > end:
            told = "%s port %d does not answer: %s"
            return Check("port", False, told % (address, port, error))
        sleep(1)
