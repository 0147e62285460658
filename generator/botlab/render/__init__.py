"""Rendering of a site to a bundle, by the templates of its profile."""

from __future__ import annotations

from .bundle import Rendered, render

__all__ = ["Rendered", "render"]
