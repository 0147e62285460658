"""Runbooks of example sites, and a runner for their commands.

`documents` takes a runbook apart, `labs` prepares the files of a site, with charms and resources,
and a scripted `juju` client, `kubectl_words` is a strict grammar of the `kubectl` commands, and
`runner` runs the commands of a section one after the other.
"""

from __future__ import annotations

from .documents import Block, blocks_of, sections_of
from .labs import OWN_PROFILE, ExampleLab, example_names
from .runner import RefusedError, Runner

__all__ = [
    "OWN_PROFILE",
    "Block",
    "ExampleLab",
    "RefusedError",
    "Runner",
    "blocks_of",
    "example_names",
    "sections_of",
]
