"""Parts of messages that several modules write in the same way."""

from typing import Sequence

# The column of `juju status` shows about 110 characters.
STATUS_LIMIT = 110
SEE_LOG = "... (see the log)"


def summarize(names: Sequence[str], limit: int = 3) -> str:
    """Return the first names of a list, and how many more there are: "a, b, c and 4 more"."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def clip(name: str, limit: int = 40) -> str:
    """Return a name for a message; of a long name the beginning."""
    return name if len(name) <= limit else name[: limit - 3] + "..."


def shorten(
    text: str, limit: int = STATUS_LIMIT, more: str = SEE_LOG, drops_middle: bool = True
) -> str:
    """Return a text that has at most `limit` characters.

    The beginning remains, where the cause and the fix are. "; " separates sentences.

    Args:
        text: The text.
        limit: How many characters it may have.
        more: What follows a text that ends early.
        drops_middle: Whether the parts in the middle of a first sentence are left out that is too
            long by itself: programs wrap errors as "CONTEXT: CONTEXT: CAUSE".
    """
    if len(text) <= limit:
        return text
    length = limit - len(more)
    sentence = text.partition("; ")[0]
    is_too_long = drops_middle and len(sentence) > length
    shortened = _without_middle(sentence, limit) if is_too_long else ""
    return shortened or text[:length].rsplit(" ", 1)[0] + more


def _without_middle(sentence: str, limit: int) -> str:
    """Return a wrapped error without the parts in its middle; empty if it is still too long."""
    first, *rest = sentence.split(": ")
    for start in range(1, len(rest)):
        candidate = f"{first}: ... {': '.join(rest[start:])}"
        if len(candidate) <= limit:
            return candidate
    return ""
