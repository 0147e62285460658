"""The parameters of the action `verify`."""

from typing import NamedTuple

from labcharm.json_types import JsonMapping


class VerifyParams(NamedTuple):
    """The parameters of the action `verify`.

    Attributes:
        image: The image of the pods that write.
        namespace: The namespace of the claim and the pods.
        timeout: The seconds to wait for the claim, and for all pods.
    """

    image: str
    namespace: str
    timeout: float


def read_params(params: JsonMapping) -> VerifyParams:
    """Return the parameters of an action, with their defaults."""
    return VerifyParams(
        params.get("image") or "busybox:1.36",
        params.get("namespace") or "default",
        float(params.get("timeout") or 120),
    )
