"""Helpers: host."""
