"""Bundles as data: the parser, the writer, and the grammars of the strings in a bundle."""

from __future__ import annotations

from .model import Application, Bundle, Exposure, Machine, Offer
from .parse import BundleSource, ParsedBundle, parse_bundle
from .write import write_bundle

__all__ = [
    "Application",
    "Bundle",
    "BundleSource",
    "Exposure",
    "Machine",
    "Offer",
    "ParsedBundle",
    "parse_bundle",
    "write_bundle",
]
