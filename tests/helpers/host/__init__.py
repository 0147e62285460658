"""Machines for the tests, and units of charms on them."""
