"""The table of exports: its lines, and the comparison with what exportfs prints."""

from __future__ import annotations

import pytest

from nfs_server.server.export_table import (
    compare_tables,
    desired_table,
    parse_table,
    render,
    replace_names,
)
from nfs_server.server.shares import Share

OPTIONS = ("rw", "sync", "no_subtree_check", "root_squash")
ROOT = Share("export-root", "/nfsroot", ("10.0.0.0/24",), OPTIONS, ("10.0.0.5", "10.9.0.1"))
_REST = "(sync,wdelay,hide,no_subtree_check,sec=sys,rw,secure,%s,no_all_squash)\n"
PRINTED = (
    f"/nfsroot  10.0.0.0/24{_REST % 'root_squash'}"
    f"/nfsroot  10.0.0.5{_REST % 'no_root_squash'}"
    f"/nfsroot  10.9.0.1{_REST % 'no_root_squash'}"
)


def test_file_has_a_line_for_each_client() -> None:
    """The root of nodes stays root."""
    assert render(desired_table([ROOT]), "nfs-server").splitlines() == [
        "# Made by the Juju application nfs-server, which undoes changes; see its options.",
        "/nfsroot 10.0.0.0/24(rw,sync,no_subtree_check,root_squash)",
        "/nfsroot 10.0.0.5(rw,sync,no_subtree_check,no_root_squash)",
        "/nfsroot 10.9.0.1(rw,sync,no_subtree_check,no_root_squash)",
    ]


def test_printed_exports_equal_the_desired_ones() -> None:
    """Exportfs prints further options, which do not count."""
    comparison = compare_tables(desired_table([ROOT]), parse_table(PRINTED), {"/nfsroot"}, {})

    assert comparison.correct == [
        "/nfsroot 10.0.0.0/24", "/nfsroot 10.0.0.5", "/nfsroot 10.9.0.1",
    ]  # fmt: skip
    assert comparison.changed == comparison.missing == comparison.extra == []


# Printed by nfs-utils 1.3.4 (Debian's 1:1.3.4-6; Ubuntu 18.04 and 20.04) for the lines of ROOT.
PRINTED_BY_18_04 = """\
/nfsroot  10.0.0.5(rw,wdelay,no_root_squash,no_subtree_check,sec=sys,rw,secure,no_root_squash,no_all_squash)
/nfsroot  10.9.0.1(rw,wdelay,no_root_squash,no_subtree_check,sec=sys,rw,secure,no_root_squash,no_all_squash)
/nfsroot  10.0.0.0/24(rw,wdelay,root_squash,no_subtree_check,sec=sys,rw,secure,root_squash,no_all_squash)
"""  # noqa: E501 - as it is printed


def test_defaults_that_18_04_does_not_print_are_in_force() -> None:
    """The other option of a pair is printed, and then the export has changed."""
    desired = desired_table([ROOT])
    comparison = compare_tables(desired, parse_table(PRINTED_BY_18_04), {"/nfsroot"}, {})
    assert len(comparison.correct) == 3
    assert comparison.changed == comparison.missing == comparison.extra == []

    text = PRINTED_BY_18_04.replace("(rw,wdelay,root_squash", "(rw,async,wdelay,root_squash")
    comparison = compare_tables(desired, parse_table(text), {"/nfsroot"}, {})
    assert comparison.changed == ["/nfsroot 10.0.0.0/24"]


@pytest.mark.parametrize(
    ("option", "printed", "is_in_force"),
    [
        ("anonuid=65534", "", True),
        ("anonuid=65534", "anongid=7", True),
        ("anonuid=65534", "anonuid=7", False),
        ("anongid=7", "", False),
        ("anongid=7", "anongid=7", True),
        ("hide", "", True),
        ("hide", "nohide", False),
        ("no_wdelay", "", True),
        ("no_wdelay", "wdelay", False),
        ("wdelay", "", False),
    ],
)
def test_some_options_are_in_force_without_being_printed(
    option: str, printed: str, is_in_force: bool
) -> None:
    """The numbers of nobody in all versions, some defaults in old ones."""
    share = ROOT._replace(options=("rw", option), trusted=())
    observed = parse_table(f"/nfsroot  10.0.0.0/24(rw,{printed},sec=sys,rw)\n")

    comparison = compare_tables(desired_table([share]), observed, {"/nfsroot"}, {})

    assert (comparison.changed == []) is is_in_force


def test_subtree_check_is_in_force_unless_its_opposite_is_printed() -> None:
    """No version prints subtree_check itself."""
    share = ROOT._replace(options=("rw", "sync", "subtree_check", "root_squash"), trusted=())
    desired = desired_table([share])
    opposite = PRINTED.splitlines()[0]
    unprinted = opposite.replace("no_subtree_check,", "")

    assert compare_tables(desired, parse_table(unprinted), {"/nfsroot"}, {}).changed == []
    assert compare_tables(desired, parse_table(opposite), {"/nfsroot"}, {}).changed != []


def test_changed_missing_and_extra_exports_are_listed() -> None:
    """Exports of other directories do not count."""
    printed = PRINTED.replace("10.0.0.5", "10.0.0.6").replace("/24(sync", "/24(async")
    observed = parse_table(f"{printed}/other  *(rw)\n")

    comparison = compare_tables(desired_table([ROOT]), observed, {"/nfsroot"}, {})

    assert comparison.changed == ["/nfsroot 10.0.0.0/24"]
    assert comparison.missing == ["/nfsroot 10.0.0.5"]
    assert comparison.extra == ["/nfsroot 10.0.0.6"]


HOSTS = {
    "node": ("10.0.0.5",),
    "one": ("10.4.0.1",),
    "same": ("10.4.0.1",),
    "wide": ("10.0.0.5", "10.3.0.5", "fd00::5"),
}


def test_host_names_are_exported_by_their_addresses() -> None:
    """Each address once; the entry of a node takes precedence; no other address is lost."""
    share = ROOT._replace(clients=("10.0.0.0/24", "node", "one", "same", "strange", "wide"))
    nodes = {("/nfsroot", node): (*OPTIONS[:3], "no_root_squash") for node in ROOT.trusted}
    clients = ("10.0.0.0/24", "10.3.0.5", "10.4.0.1", "fd00::5", "strange")

    table = replace_names(desired_table([share]), HOSTS)

    assert table == {**{("/nfsroot", client): OPTIONS for client in clients}, **nodes}


def test_foreign_lines_may_name_the_clients_of_a_share() -> None:
    """Exportfs prints the name that it read first, whoever wrote it."""
    share = ROOT._replace(clients=("10.3.0.5", "10.4.0.1", "10.4.0.2"), trusted=())
    row = PRINTED.splitlines()[0]
    printed = "\n".join(row.replace("10.0.0.0/24", name) for name in ("wide", "one", "node"))

    comparison = compare_tables(desired_table([share]), parse_table(printed), {"/nfsroot"}, HOSTS)

    assert comparison.correct == ["/nfsroot 10.3.0.5", "/nfsroot 10.4.0.1"]
    assert comparison.missing == ["/nfsroot 10.4.0.2"]
    assert comparison.extra == ["/nfsroot node"]
