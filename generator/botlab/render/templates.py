"""The text of a bundle from the template of a profile."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalogue.package_data import templates_directory
from ..catalogue.profiles import Profile
from ..yaml_text import yaml_flow

if TYPE_CHECKING:
    from .limited_templates import LimitedTemplate


def bundle_text(profile: Profile, values: Mapping[str, Any]) -> str:
    """Return the bundle of a profile before it is normalized.

    Args:
        profile: The profile.
        values: The values that its template can use.

    Raises:
        BotlabError: When the template is not of this project, and fails or exceeds a limit.
    """
    if profile.is_own:
        return limited_template(profile.template).render(values)
    name = profile.template.relative_to(templates_directory()).as_posix()
    return _environment().get_template(name).render(values)


def limited_template(file: Path) -> LimitedTemplate:
    """Return the template of an own profile."""
    from .limited_templates import LimitedTemplate

    return LimitedTemplate(file, _FILTERS)


def _quoted(scalar: object) -> str:
    return yaml_flow(str(scalar))


_FILTERS = {"q": _quoted, "yaml": yaml_flow}


@functools.cache
def _environment() -> Any:
    # Only a site needs Jinja, which takes 20 ms to import.
    import jinja2

    from .template_bytecode import TemplateBytecode

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_directory()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=TemplateBytecode(),
        autoescape=False,  # noqa: S701 - this is YAML, not HTML; `q` quotes
    )
    environment.filters.update(_FILTERS)
    return environment
