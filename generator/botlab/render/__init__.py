"""Rendering of a site to a bundle, by the templates of its profile."""

from __future__ import annotations

from .bundle import RENDERED, Rendered, render

__all__ = ["RENDERED", "Rendered", "render"]
