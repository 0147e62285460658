"""The parameters of the action `verify`."""

from typing import NamedTuple

from labcharm.json_types import JsonMapping

# Of Docker Hub. `botlab kit` collects it.
TRIAL_IMAGE = "busybox:1.36"


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


def read_params(params: JsonMapping, registry: str) -> VerifyParams:
    """Return the parameters of an action, with their defaults.

    Args:
        params: The parameters that the action was given.
        registry: The option `image-registry`; empty for Docker Hub.
    """
    return VerifyParams(
        params.get("image") or (f"{registry}/library/{TRIAL_IMAGE}" if registry else TRIAL_IMAGE),
        params.get("namespace") or "default",
        float(params.get("timeout") or 120),
    )
