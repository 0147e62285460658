"""Helpers: juju."""
