"""Helpers: kube."""
