"""The charm's data files, which the generator's catalogue reads too."""

import os
from functools import lru_cache

import yaml

from labcharm.json_types import JsonObject

_DIRECTORY = os.path.dirname(os.path.abspath(__file__))


@lru_cache(maxsize=None)
def read_table(name: str) -> JsonObject:
    """Return the content of a YAML file of this package; each file is read once."""
    with open(os.path.join(_DIRECTORY, name), encoding="utf-8") as file:
        return dict(yaml.safe_load(file))
