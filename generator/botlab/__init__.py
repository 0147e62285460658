"""One site file in, a checked Juju bundle and its plan out."""

__version__ = "0.1.0"
