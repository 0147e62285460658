"""The table of exports: its lines for the file, and how exportfs prints it."""

import re
from typing import Dict, Iterable, Mapping, Sequence, Tuple

from labkube.apply.objects import Comparison
from nfs_server.server.shares import Share

_HEADER = "# Made by the Juju application %s, which undoes changes; see its options.\n"
# Directory and client.
Entry = Tuple[str, str]
# The export options of each entry.
Table = Dict[Entry, Tuple[str, ...]]
# The addresses of host names.
Hosts = Mapping[str, Tuple[str, ...]]


def desired_table(shares: Iterable[Share]) -> Table:
    """Return the entries of shares. Trusted clients get `no_root_squash`."""
    table: Table = {}
    for share in shares:
        for client in share.clients:
            table[(share.path, client)] = share.options
        for client in share.trusted:
            options = [option for option in share.options if not option.endswith("_squash")]
            table[(share.path, client)] = (*options, "no_root_squash")
    return table


def replace_names(table: Table, hosts: Hosts) -> Table:
    """Return the table with the addresses of host names in place of the names.

    exportfs treats two clients with the same address as one client, even those of different
    directories: it prints the name or address that it read first, and refuses other options for
    the second (nfs-utils, support/export/client.c). It also drops names that it cannot resolve,
    for example while the machine boots. So each address is named once. An entry for an address
    itself (a node) takes precedence over one for a name.

    Args:
        table: The desired entries.
        hosts: The addresses of names. A name without addresses stays, so that exportfs refuses it.
    """
    replaced = {entry: options for entry, options in table.items() if entry[1] not in hosts}
    for (path, client), options in table.items():
        for address in hosts.get(client, ()):
            replaced.setdefault((path, address), options)
    return replaced


def render(table: Table, application: str) -> str:
    """Return the text of the exports file: one line for each directory and client."""
    lines = [
        f"{path} {client}({','.join(options)})\n" for (path, client), options in table.items()
    ]
    return _HEADER % application + "".join(lines)


def parse_table(text: str) -> Table:
    """Read what `exportfs -s` prints: PATH CLIENT(OPTION,...) per line."""
    rows = re.findall(r"^(\S+)\s+(\S+?)\(([^)\n]*)\)$", text, re.MULTILINE)
    return {(path, client): tuple(options.split(",")) for path, client, options in rows}


def compare_tables(
    desired: Table, observed: Table, directories: Iterable[str], hosts: Hosts
) -> Comparison:
    """Compare the desired exports with the observed ones, on some directories only.

    Args:
        desired: The desired table.
        observed: What exportfs prints. Foreign lines may name clients by host names.
        directories: The directories whose further exports count as extra.
        hosts: The addresses of those names.
    """
    comparison = Comparison([], [], [], [])
    matched = set()
    for entry, options in desired.items():
        printed = _printed_entry(entry, observed, hosts)
        matched.add(printed)
        if printed not in observed:
            entries = comparison.missing
        elif _has_options(observed[printed], options):
            entries = comparison.correct
        else:
            entries = comparison.changed
        entries.append(" ".join(entry))
    paths = set(directories)
    comparison.extra.extend(
        " ".join(entry) for entry in observed if entry[0] in paths and entry not in matched
    )
    return comparison


def _printed_entry(entry: Entry, observed: Table, hosts: Hosts) -> Entry:
    """Return the entry that exportfs prints for a desired one: its client may be a host name."""
    path, client = entry
    named = [
        printed
        for printed in observed
        if printed[0] == path and client in hosts.get(printed[1], ())
    ]
    return named[0] if named and entry not in observed else entry


# Options that exportfs may leave out, and the option that it prints when they are not in force.
# nfs-utils 1.3.4 (Ubuntu 18.04, 20.04) does not print sync, hide and no_wdelay; 2.1.1 and later do
# (commit 37c07fa0). No version prints subtree_check, acl, nocrossmnt and mountpoint, and secure is
# printed only where the kernel says that it may differ by flavour (support/nfs/exports.c,
# utils/exportfs/exportfs.c).
_UNPRINTED = {
    "sync": "async", "hide": "nohide", "no_wdelay": "wdelay", "subtree_check": "no_subtree_check",
    "acl": "no_acl", "nocrossmnt": "crossmnt", "secure": "insecure", "mountpoint": "",
}  # fmt: skip
# No version prints the number of nobody.
_NOBODY = {"anonuid=65534", "anongid=65534"}
# Options that are printed in another form (fsid), or as a heading of the following ones (sec).
_UNCOMPARED = ("fsid=", "sec=")


def _has_options(printed: Sequence[str], options: Sequence[str]) -> bool:
    return all(_is_in_force(option, printed) for option in options)


def _is_in_force(option: str, printed: Sequence[str]) -> bool:
    if option == "root_squash" and "all_squash" in printed:
        return False  # exportfs prints both then
    if option in printed or option.startswith(_UNCOMPARED):
        return True
    if option in _NOBODY:
        name = option.partition("=")[0] + "="
        return not any(printed_option.startswith(name) for printed_option in printed)
    return option in _UNPRINTED and _UNPRINTED[option] not in printed
