"""YAML read with PyYAML, which is loaded only by the commands that need it."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from .errors import CommandError


def load_all(text: str, library: str) -> list[Any]:
    """Return the documents of a YAML text.

    Args:
        text: The YAML.
        library: The path of PyYAML's `__init__.py`; the program runs without site packages.
    """
    yaml = _library(library)
    try:
        return list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        problem = str(error).splitlines()[0]
        raise CommandError(
            f"cannot deploy bundle: cannot unmarshal bundle contents: {problem}"
        ) from error


def load(text: str, library: str) -> Any:
    """Return the first document of a YAML text."""
    return next(iter(load_all(text, library)), None)


def _library(path: str) -> Any:
    if "yaml" in sys.modules:
        return sys.modules["yaml"]
    directory = path.rpartition("/")[0]
    spec = importlib.util.spec_from_file_location(
        "yaml", path, submodule_search_locations=[directory]
    )
    if spec is None or spec.loader is None:
        raise CommandError(f"scripted juju: PyYAML is not at {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["yaml"] = module
    spec.loader.exec_module(module)
    return module
