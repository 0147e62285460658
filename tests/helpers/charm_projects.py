"""The charms' projects: what their charmcraft.yaml declares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

import project

CHARMS = Path(__file__).resolve().parents[2] / "charms"


def read_charmcraft(charm: str) -> dict[str, Any]:
    """Return the content of a charm's charmcraft.yaml."""
    text = (CHARMS / charm / project.CHARMCRAFT).read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def default_options(charm: str) -> dict[str, Any]:
    """Return the options of a charm with their defaults; None for an option without one."""
    options = read_charmcraft(charm)["config"]["options"]
    return {name: option.get("default") for name, option in options.items()}


def write_juju_files(charm: str, directory: Path, *, series: str = "") -> None:
    """Write the files that Juju reads from a charm, as the packer does."""
    sections = project.read_project(str(CHARMS / charm))
    for name, text in project.juju_files(sections, series=series).items():
        (directory / name).write_text(text, encoding="utf-8")
