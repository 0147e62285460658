"""Errors that several modules raise; the charm makes a status of each that ends a step."""


class BlockedError(Exception):
    """What a person must act on, in words for the status."""


class WaitingError(Exception):
    """What goes by itself or by the next hook, in words for the status."""


class GoneError(Exception):
    """An uninstallation that was under way is done."""


class ManifestsError(Exception):
    """Manifests that cannot be had or used; the text says what to do."""

    def __init__(self, message: str, passes: bool = False) -> None:
        super().__init__(message)
        self.passes = passes
