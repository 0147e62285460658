"""Parts of messages that several modules write in the same way."""

from typing import Sequence


def summarize(names: Sequence[str], limit: int = 3) -> str:
    """Return the first names of a list, and how many more there are: "a, b, c and 4 more"."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
