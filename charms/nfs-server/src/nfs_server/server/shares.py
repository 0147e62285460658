"""The shares: exported directories, their clients and their export options."""

import re
from typing import Callable, List, Mapping, NamedTuple, Sequence, Tuple, Union

from labcharm.documents import DocumentError, parse_yaml
from labcharm.json_types import JsonMapping, JsonObject, JsonValue
from labcharm.paths import is_within
from nfs_server.server.clients import is_open, narrow, read_client
from nfs_server.server.export_options import DEFAULT_OPTIONS, read_export_options
from nfs_server.server.paths import read_path

_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$")
_KEYS = ("path", "clients", "options")


class Share(NamedTuple):
    """A directory that is exported.

    Attributes:
        name: The share's name in options and messages.
        path: The directory.
        clients: Who may mount it.
        options: The export options for these clients.
        trusted: Clients whose root stays root: the nodes of the cluster.
    """

    name: str
    path: str
    clients: Tuple[str, ...]
    options: Tuple[str, ...] = DEFAULT_OPTIONS
    trusted: Tuple[str, ...] = ()


def read_clients(clients: Union[str, Sequence[object]], allow_world: bool) -> Tuple[str, ...]:
    """Return the clients of a list, or of a string that separates them by commas or spaces.

    Args:
        clients: The list or the string.
        allow_world: Whether `*`, and networks that are nearly as wide, are accepted.

    Raises:
        ValueError: With every client that is refused.
    """
    words = re.split(r"[,\s]+", clients) if isinstance(clients, str) else clients
    if not isinstance(words, list):
        raise ValueError(f"{clients!r} is not a list of clients")
    accepted: List[str] = []
    problems: List[str] = []
    for word in words:
        if word == "":
            continue
        try:
            accepted.append(read_client(str(word)))
        except ValueError as error:
            problems.append(str(error))
            continue
        if is_open(accepted[-1]) and not allow_world:
            problems.append(
                f"{accepted[-1]} admits everybody; name networks, or set allow-world=true"
            )
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(narrow(accepted))


def read_shares(
    text: str, load: Callable[[str], JsonValue], networks: Sequence[str], allow_world: bool
) -> Tuple[List[Share], List[str]]:
    """Read the option `shares`: YAML of NAME: {path, clients, options}.

    Args:
        text: The option.
        load: Reads YAML.
        networks: Who may mount a share that names no clients.
        allow_world: Whether `*` is accepted as a client.

    Returns:
        The valid shares, and one message for each problem.
    """
    try:
        mapping = parse_yaml(load, text, "shares") if text.strip() else {}
    except DocumentError as error:
        return [], [str(error)]
    if not isinstance(mapping, Mapping):
        return [], ["shares is not a mapping; write NAME: {path: /srv/NAME}"]
    shares: List[Share] = []
    problems: List[str] = []
    for key, fields in mapping.items():
        name = str(key)
        share_problems = _check_share(name, fields)
        if isinstance(fields, Mapping):
            share, field_problems = _read_fields(name, fields, networks, allow_world)
            share_problems += field_problems
            if not share_problems:
                shares.append(share)
        problems += [f"shares.{name}{problem}" for problem in share_problems]
    return shares, problems


def _check_share(name: str, fields: JsonValue) -> List[str]:
    if not isinstance(fields, Mapping):
        return [f": write {{path: /srv/{name}}}"]
    problems = [f".{key} is not one of {', '.join(_KEYS)}" for key in fields if key not in _KEYS]
    if not _NAME.match(name):
        problems.append(": a name has lower-case letters, digits and dashes only")
    return problems


def _read_fields(
    name: str, fields: JsonMapping, networks: Sequence[str], allow_world: bool
) -> Tuple[Share, List[str]]:
    readers: Sequence[Tuple[str, Callable[[JsonValue], JsonValue], JsonValue]] = (
        ("path", lambda field: read_path(str(field)), ""),
        ("clients", lambda field: read_clients(field, allow_world), list(networks)),
        ("options", lambda field: read_export_options(str(field)), ""),
    )
    valid: JsonObject = {}
    problems: List[str] = []
    for key, reader, default in readers:
        try:
            valid[key] = reader(fields.get(key, default))
        except ValueError as error:
            problems.append(f".{key}: {error}")
    return Share(name, "", ())._replace(**valid), problems


def overlaps(shares: Sequence[Share]) -> List[str]:
    """Return a message for each share that lies in another share.

    The clients of the outer share would reach the inner one by the rules of the outer one.
    """
    return [
        f"share {share.name} ({share.path}) lies in share {outer.name} ({outer.path}); give it a"
        " directory outside"
        for share in shares
        for outer in shares
        if share is not outer and is_within(share.path, outer.path)
    ]
