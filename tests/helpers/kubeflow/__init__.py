"""Helpers: kubeflow."""
