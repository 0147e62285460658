"""Helpers for the tests of the charm nfs-server."""
