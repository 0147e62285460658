"""The plan of exports, and its summary in the status."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.nfs.defaults import options_with
from labcharm.validators import OptionsError
from nfs_server.related_clients import RelatedClient
from nfs_server.server.export_table import desired_table
from nfs_server.server.plan import ExportPlan, make_plan, summarize_plan

SHARES = "isos: {path: /srv/isos, options: ro}"
LOGIN = RelatedClient("login", ("10.0.0.9",))


def plan_with(**options: Any) -> ExportPlan:
    """Return the plan for options, two nodes and a related application."""
    return make_plan(options_with(**options), ["10.0.0.5", "10.0.0.6"], [LOGIN], {})


def test_root_stays_root_for_the_nodes_in_the_export_root_only() -> None:
    """No other share has no_root_squash, whoever its clients are."""
    table = desired_table(plan_with(networks="10.0.0.0/24", shares=SHARES).all_shares())

    assert [entry for entry, options in table.items() if "no_root_squash" in options] == [
        ("/nfsroot", "10.0.0.5"), ("/nfsroot", "10.0.0.6"),
    ]  # fmt: skip
    assert sorted(entry for entry, options in table.items() if "root_squash" in options) == [
        ("/nfsroot", "10.0.0.0/24"), ("/nfsroot/login", "10.0.0.9"), ("/srv/isos", "10.0.0.0/24"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "summary"),
    [
        ({}, "2 directories exported to 3 clients"),
        ({"networks": "10.0.0.0/24"}, "2 directories exported to 4 clients"),
        ({"networks": "*"},
         "2 directories exported to 4 clients; open to everybody: /nfsroot"),
        ({"networks": "0.0.0.0/0", "shares": SHARES},
         "3 directories exported to 4 clients; open to everybody: /nfsroot, /srv/isos"),
    ],
)  # fmt: skip
def test_summary_names_what_everybody_may_mount(options: dict[str, str], summary: str) -> None:
    """Besides the number of directories and clients."""
    assert summarize_plan(plan_with(allow_world=True, **options)) == summary


def test_related_applications_keep_their_directories() -> None:
    """A new export root or applications root is for applications that come later."""
    later = LOGIN._replace(application="later")
    for options, path in (
        ({"export_root": "/srv/new"}, "/srv/new/later"),
        ({"applications_root": "/srv/apps"}, "/srv/apps/later"),
    ):
        recorded = {"login": "/nfsroot/login"}
        plan = make_plan(options_with(**options), [], [LOGIN, later], recorded)
        assert [share.path for share in plan.client_shares] == ["/nfsroot/login", path]


def test_applications_root_may_not_lie_in_the_export_root() -> None:
    """It would be reached by the rules of the export root."""
    message = r"applications-root \(/nfsroot/apps\) lies in share export-root \(/nfsroot\)"
    with pytest.raises(OptionsError, match=message):
        options_with(applications_root="/nfsroot/apps")


def test_summary_names_refused_networks_of_applications() -> None:
    """With the option that would admit them."""
    wide = LOGIN._replace(refused=("0.0.0.0/0", "::/0"))

    assert summarize_plan(make_plan(options_with(), [], [wide], {})) == (
        "1 directory exported to 1 client; not exported to 0.0.0.0/0, ::/0 for login, which needs"
        " allow-world=true"
    )
