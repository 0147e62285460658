"""The error of a text that MetalLB does not accept."""

from labcharm.errors import BlockedError


class RefusedError(BlockedError):
    """A part of a configuration that MetalLB refuses. The message is MetalLB's own."""
