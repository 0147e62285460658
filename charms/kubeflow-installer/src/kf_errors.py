"""How a step ends where it does not come to its end; the charm makes a status of each."""


class BlockedError(Exception):
    """What a person must act on, in words for the status."""


class WaitingError(Exception):
    """What goes by itself or by the next hook, in words for the status."""


class GoneError(Exception):
    """An uninstallation that was under way is done."""
