"""The defaults of options as the pages of a charm show them."""

from typing import Any, Dict


def shown_default(option: Dict[str, Any]) -> str:
    """Return the default of an option as Markdown; `empty` for an option without one."""
    default = option.get("default")
    return "empty" if default in ("", None) else f"`{literal(default)}`"


def literal(default: object) -> str:
    """Return a default as YAML writes it: `true` for a boolean, other values unchanged."""
    return str(default).lower() if isinstance(default, bool) else str(default)
