"""Values that a bundle can read from a file: options, and annotations of machines."""

from __future__ import annotations

import os.path

from ..bundle.includes import Include
from ..findings import KeyPath
from ..plan.difference import text_of
from .document import FileContent, Value
from .source import PlanSource


def setting_value(source: PlanSource, path: KeyPath, setting: object) -> Value:
    """Return a value as text, or as the content of the file that the bundle includes.

    The plan does not hold the content, which may be a secret.

    Args:
        source: The input of the plan.
        path: The key path of the value in the bundle.
        setting: The value in the bundle. An overlay may have replaced what a file contained.
    """
    includes = source.includes.get(path)
    if not includes or includes[-1].content != setting:
        return text_of(setting)
    return _file(source, includes[-1])


def _file(source: PlanSource, include: Include) -> FileContent:
    if include.is_absolute:
        return FileContent(include.file, include.is_base64)
    # Both directories may lead through symbolic links.
    start = os.path.realpath(source.directory)
    path = os.path.relpath(os.path.realpath(include.file), start)
    return FileContent(path, include.is_base64)
