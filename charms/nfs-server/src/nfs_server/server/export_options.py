"""The export options of a share, as exports(5) writes them."""

import re
from typing import Dict, List, Tuple

# The options of a group exclude each other. The first one of a group is its default (exports(5)).
_GROUPS = (
    ("rw", "ro"),
    ("sync", "async"),
    ("no_subtree_check", "subtree_check"),
    ("root_squash", "all_squash"),
    ("secure", "insecure"),
    ("wdelay", "no_wdelay"),
    ("hide", "nohide"),
    ("acl", "no_acl"),
    ("nocrossmnt", "crossmnt"),
)
# The options that are always written.
DEFAULT_OPTIONS = tuple(group[0] for group in _GROUPS[:4])
_VALUE_PATTERNS = {
    "anonuid": re.compile(r"^\d{1,10}$"),
    "anongid": re.compile(r"^\d{1,10}$"),
    "sec": re.compile(r"^(sys|krb5|krb5i|krb5p)(:(sys|krb5|krb5i|krb5p))*$"),
    "fsid": re.compile(r"^([1-9]\d{0,9}|[0-9a-fA-F-]{32,36})$"),
}
_ROOT_REFUSED = (
    "no_root_squash would give a client's root the rights of root on this server; only the"
    " cluster's nodes get it"
)


def read_export_options(text: str) -> Tuple[str, ...]:
    """Return a share's export options: the named ones, and the defaults of the other groups.

    Raises:
        ValueError: With everything that is wrong with the options.
    """
    options = {option: option for option in DEFAULT_OPTIONS}
    problems: List[str] = []
    named: Dict[str, str] = {}
    for word in re.split(r"[,\s]+", text):
        if not word:
            continue
        try:
            key = _key_of(word)
        except ValueError as error:
            problems.append(str(error))
            continue
        if named.get(key, word) != word:
            problems.append(f"{named[key]} and {word} exclude each other")
        options[key] = named[key] = word
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(options.values())


def _key_of(word: str) -> str:
    """Return the key that options which exclude each other have in common."""
    name, equals, text = word.partition("=")
    if equals and name in _VALUE_PATTERNS:
        if not _VALUE_PATTERNS[name].match(text):
            raise ValueError(f"{name}={text}: exports(5) has no such value for {name}")
        return name
    for group in _GROUPS:
        if word in group:
            return group[0]
    if word == "no_root_squash":
        raise ValueError(_ROOT_REFUSED)
    names = [option for group in _GROUPS for option in group]
    names += [f"{name}=" for name in _VALUE_PATTERNS]
    raise ValueError(f"{word!r} is not one of {' '.join(names)}")
