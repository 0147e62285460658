"""Values as Go's fmt package prints them with the verb %q; MetalLB's messages hold such values."""

_NAMED_RUNES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
_ESCAPED_RUNES = {39: "\\'", 92: "\\\\"}


def quoted(text: str) -> str:
    """Return a string in quotes, for the characters that occur in a configuration."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def quoted_rune(number: int) -> str:
    """Return a number as Go prints it with %q: as the character with that code."""
    if number in _NAMED_RUNES:
        return f"'{_NAMED_RUNES[number]}'"
    if 0 <= number < 32 or number == 127:
        return f"'\\x{number:02x}'"
    character = chr(number) if number >= 0 else "\ufffd"
    return f"'{_ESCAPED_RUNES.get(number, character)}'"
