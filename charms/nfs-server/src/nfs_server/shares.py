"""Shares as data: a folder, who may mount it, and how."""

import re
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from nfs_server.server.clients import ClientError, is_open, narrowed, read_client

Share = NamedTuple(
    "Share",
    [
        ("name", str),
        ("path", str),
        ("clients", Tuple[str, ...]),
        ("options", Tuple[str, ...]),
        ("trusted", Tuple[str, ...]),
    ],
)
PATH = re.compile(r"^/[^\s,()\"'\\#*?\[\]]+$")
_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$")
# The machine's own: whoever writes there has the machine.
_SYSTEM = (
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root",
    "/run", "/sbin", "/snap", "/sys", "/tmp", "/usr", "/var/cache", "/var/lib/dpkg",  # noqa: S108 - never written
    "/var/lib/juju", "/var/lib/nfs", "/var/log", "/var/run",
)  # fmt: skip
_WHOLE = ("/", "/home", "/media", "/mnt", "/opt", "/srv", "/var", "/var/lib")
# Each group holds what excludes one another, the one that we write first (exports(5)).
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
_BASE = tuple(group[0] for group in _GROUPS[:4])
_VALUED = {
    "anonuid": re.compile(r"^\d{1,10}$"),
    "anongid": re.compile(r"^\d{1,10}$"),
    "sec": re.compile(r"^(sys|krb5|krb5i|krb5p)(:(sys|krb5|krb5i|krb5p))*$"),
    "fsid": re.compile(r"^([1-9]\d{0,9}|[0-9a-fA-F-]{32,36})$"),
}
_KEYS = ("path", "clients", "options")


class ShareError(ValueError):
    """What is wrong with a share, and the mend."""


def read_path(path: str) -> str:
    """Return a folder's path without doubled and trailing slashes.

    Raises:
        ShareError: When it is no folder that a charm may export.
    """
    if not PATH.match(path) or {".", ".."} & set(path.split("/")):
        told = "%r is no absolute path without spaces and signs of its own; write one as /srv/nfs"
        raise ShareError(told % path)
    plain = "/" + "/".join(part for part in path.split("/") if part)
    if plain in _WHOLE or any((plain + "/").startswith(folder + "/") for folder in _SYSTEM):
        raise ShareError("%s belongs to the system; export a folder of its own" % plain)
    return plain


def read_options(text: str) -> Tuple[str, ...]:
    """Return a share's export options: those named over `rw,sync,no_subtree_check,root_squash`.

    Raises:
        ShareError: With everything that is wrong with them.
    """
    chosen: Dict[Any, str] = {group: group[0] for group in _GROUPS[:4]}
    problems: List[str] = []
    seen: Dict[Any, str] = {}
    for word in [word for word in re.split(r"[,\s]+", text) if word]:
        try:
            group = _group(word)
        except ShareError as error:
            problems.append(str(error))
            continue
        if seen.get(group, word) != word:
            problems.append("%s and %s exclude each other" % (seen[group], word))
        chosen[group] = seen[group] = word
    if problems:
        raise ShareError("; ".join(problems))
    return tuple(chosen.values())


def _group(word: str) -> Any:
    name, equals, value = word.partition("=")
    if equals and name in _VALUED:
        if not _VALUED[name].match(value):
            raise ShareError("%s=%s: exports(5) takes no such value here" % (name, value))
        return name
    for group in _GROUPS:
        if word in group:
            return group
    if word == "no_root_squash":
        told = (
            "no_root_squash makes a client's root the server's; only the cluster's nodes have it"
        )
        raise ShareError(told)
    known = [one for group in _GROUPS for one in group] + [key + "=" for key in _VALUED]
    raise ShareError("%r is none of %s" % (word, " ".join(known)))


def read_clients(found: Any, world: bool) -> Tuple[str, ...]:
    """Return clients, from a list or from words between commas and spaces.

    Raises:
        ShareError: With every one that cannot be; `*` and its like need `world`.
    """
    words = re.split(r"[,\s]+", found) if isinstance(found, str) else found
    if not isinstance(words, list):
        raise ShareError("%r is no list of clients" % (found,))
    problems: List[str] = []
    clients: List[str] = []
    for word in words:
        if word == "":
            continue
        try:
            client = read_client(str(word))
        except ClientError as error:
            problems.append(str(error))
            continue
        clients.append(client)
        if is_open(client) and not world:
            problems.append("%s admits everybody; name networks, or set allow-world=true" % client)
    if problems:
        raise ShareError("; ".join(problems))
    return tuple(narrowed(clients))


def read_shares(
    text: str, load: Callable[[str], Any], networks: Sequence[str], world: bool
) -> Tuple[List[Share], List[str]]:
    """Read the option `shares`: YAML of NAME: {path, clients, options}.

    Args:
        text: The option.
        load: Reads YAML; what it raises is a ValueError or has a line.
        networks: Who may mount a share that names no clients.
        world: Whether `*` is allowed.

    Returns:
        The shares that are right, and everything that is wrong, one text each.
    """
    try:
        data = load(text) if text.strip() else {}
    except Exception as error:  # what a YAML library raises is its own
        return [], ["shares is no YAML: %s" % " ".join(str(error).split())]
    if not isinstance(data, Mapping):
        return [], ["shares is no mapping; write NAME: {path: /srv/NAME}"]
    shares: List[Share] = []
    problems: List[str] = []
    for name, fields in data.items():
        share, wrong = _read_share(str(name), fields, networks, world)
        problems += ["shares.%s%s" % (name, one) for one in wrong]
        shares += [share] if not wrong else []
    return shares, problems


def _read_share(
    name: str, fields: Any, networks: Sequence[str], world: bool
) -> Tuple[Share, List[str]]:
    blank = Share(name, "", tuple(networks), _BASE, ())
    if not isinstance(fields, Mapping):
        return blank, [": write {path: /srv/%s}" % name]
    wrong = [".%s is none of %s" % (key, ", ".join(_KEYS)) for key in fields if key not in _KEYS]
    if not _NAME.match(name):
        wrong.append(": a name holds small letters, digits and dashes")
    readers: Sequence[Tuple[str, Callable[[Any], Any], Any]] = (
        ("path", lambda value: read_path(str(value)), ""),
        ("clients", lambda value: read_clients(value, world), list(networks)),
        ("options", lambda value: read_options(str(value)), ""),
    )
    values = {}
    for key, reader, default in readers:
        try:
            values[key] = reader(fields.get(key, default))
        except ShareError as error:
            wrong.append(".%s: %s" % (key, error))
    return (blank._replace(**values), wrong) if not wrong else (blank, wrong)


def overlaps(shares: Sequence[Share]) -> List[str]:
    """Name shares of which one lies in another, whose clients would reach it in their own way."""
    found = []
    for share in shares:
        for other in shares:
            if share is not other and (share.path + "/").startswith(other.path + "/"):
                told = "share %s (%s) lies in share %s (%s); give it a folder beside it"
                found.append(told % (share.name, share.path, other.name, other.path))
    return found
