"""The bundle as data: read it, write it, and the grammars of its texts."""

from __future__ import annotations

from .model import Application, Bundle, Exposure, Machine, Offer
from .parse import Parsed, Source, parse_bundle
from .write import write_bundle

__all__ = [
    "Application",
    "Bundle",
    "Exposure",
    "Machine",
    "Offer",
    "Parsed",
    "Source",
    "parse_bundle",
    "write_bundle",
]
