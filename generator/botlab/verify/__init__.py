"""Room `verify`."""
