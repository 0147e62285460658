"""Generate a checked Juju bundle and its plan from one site file."""

__version__ = "0.1.0"
