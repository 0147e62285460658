"""The settings of MetalLB's pods that a site can change."""

from typing import NamedTuple, Tuple

# A label of nodes: key and value.
Label = Tuple[str, str]
# A toleration as pairs of field and value.
Toleration = Tuple[Tuple[str, str], ...]


class Settings(NamedTuple):
    """The settings of the controller's and the speakers' pods.

    Attributes:
        registry: The registry of the images; empty for the release's own.
        node_selector: Labels of the nodes that the pods run on.
        tolerations: The tolerations, in addition to the release's own.
        log_level: The log level.
    """

    registry: str
    node_selector: Tuple[Label, ...]
    tolerations: Tuple[Toleration, ...]
    log_level: str
