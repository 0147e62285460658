"""Fake API servers, for tests that need no real one."""
