"""Helpers that tests of several suites share."""
