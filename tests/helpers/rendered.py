"""Bundles rendered from the example sites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from botlab.cli import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def render_example(directory: Path, example: str, **sections: dict[str, Any]) -> dict[str, Any]:
    """Render an example site.

    Args:
        directory: A directory for the files.
        example: The name of the example.
        sections: Keys to set in sections of the site, by the name of the section.

    Returns:
        The bundle as data.
    """
    site = yaml.safe_load((EXAMPLES / example / "site.yaml").read_text(encoding="utf-8"))
    for section, keys in sections.items():
        site.setdefault(section, {}).update(keys)
    file, output = directory / "site.yaml", directory / "bundle.yaml"
    file.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    assert main(["render", str(file), "--output", str(output)]) == 0
    return dict(yaml.safe_load(output.read_text(encoding="utf-8")))
