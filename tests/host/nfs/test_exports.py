"""The exports of a real server: the file, the kernel's table, and lines of the administrator."""

from __future__ import annotations

import json

from helpers.host.pairs import Pair
from helpers.nfs.vm_state import EXPORTS_FILE, read_state


def test_second_run_changes_nothing(pair: Pair) -> None:
    """Hooks with nothing to do write no file and give the kernel nothing to read."""
    pair.exports(networks="10.99.0.0/24")
    before = read_state(pair.server)
    status = pair.unit.hooks("config-changed", "update-status", "upgrade-charm")
    assert status.startswith("active")
    assert read_state(pair.server) == before


def test_lost_exports_come_back(pair: Pair) -> None:
    """Exports that are missing in the kernel's table are restored by the next hook."""
    pair.exports(networks="10.99.0.0/24")
    pair.server.check("exportfs", "-au")
    listed = pair.unit.action("list-exports")["results"]
    assert listed["missing"] == '["/nfsroot 10.99.0.0/24"]'
    pair.unit.hooks("update-status")
    assert pair.unit.action("list-exports")["results"]["ok"] == "true"


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"networks": "10.99.0.0/33 *"}, "networks: '10.99.0.0/33' is not a client"),
    ({"shares": "x: {path: /etc/x}"}, "/etc/x belongs to the system"),
    ({"shares": "x: {path: /srv/ram}", "adopt": True}, "exportfs refuses: "),
    ({"shares": "x: {path: /data2}", "networks": "no-such-host.invalid"}, "Failed to resolve"),
    ({"root-owner": "nobody-of-this-name:root"}, "this machine has no user"),
    ({"export-root": "/srv/held"}, "/srv/held holds foreign files; set adopt=true"),
    ({"export-root": "/srv/link"}, "/srv/link is reached through a link"),
]


def test_refused_options_leave_the_last_good_exports(pair: Pair) -> None:
    """Whether the charm or exportfs refuses them."""
    pair.exports(networks="10.99.0.0/24")
    pair.server.sh(
        "mkdir -p /srv/held /srv/ram; echo x > /srv/held/x; ln -sfn /srv/held /srv/link;"
        "mount -t ramfs ramfs /srv/ram"
    )
    command = f"cat {EXPORTS_FILE} /srv/held/x; exportfs -s"
    before = pair.server.sh(command)
    for options, message in REFUSED:
        status = pair.exports(**{"networks": "10.99.0.0/24", **options})
        assert status.startswith("blocked: ")
        assert message in status
        assert pair.server.sh(command) == before, options
    pair.server.sh("rmdir /data2; umount /srv/ram")


def test_exports_that_conflict_with_foreign_lines_are_reverted(pair: Pair) -> None:
    """Exportfs accepts them alone, but the kernel's table differs: the last good file is back."""
    pair.exports(networks="10.99.0.0/24")
    before = pair.server.sh(f"cat {EXPORTS_FILE}; exportfs -s")
    # The first line for a directory and client counts; this one reaches the directory by a link.
    pair.server.sh("ln -s /nfsroot /srv/alias; echo '/srv/alias 10.96.0.1(ro)' > /etc/exports")
    status = pair.exports(networks="10.99.0.0/24 10.96.0.1")
    assert status.startswith("blocked: exportfs -ra: ")
    pair.server.sh("rm /srv/alias; : > /etc/exports; exportfs -ra")
    assert pair.server.sh(f"cat {EXPORTS_FILE}; exportfs -s") == before


def test_foreign_exports_are_taken_over_with_adopt_and_restored(pair: Pair) -> None:
    """The guide's line blocks the unit, is commented out with adopt, and comes back at the end."""
    text = (
        "# the guide's\n/nfsroot *(rw,no_root_squash,no_subtree_check)\n/srv/other 10.99.0.9(ro)\n"
    )
    pair.server.sh("mkdir -p /srv/other")
    pair.server.write("/etc/exports", text)
    status = pair.exports(networks="10.99.0.0/24")
    assert status.startswith("blocked: /etc/exports line 2 exports /nfsroot; remove it, or set")
    assert pair.server.read("/etc/exports") == text
    assert pair.exports(networks="10.99.0.0/24", adopt=True).startswith("active")
    listed = pair.server.sh("exportfs -s")
    assert "/nfsroot  *" not in listed
    assert "/srv/other  10.99.0.9" in listed
    pair.unit.put(leaving=True).hooks("stop")
    assert pair.server.read("/etc/exports") == text, "the line was not restored"
    assert pair.server.exists("/nfsroot")
    assert not pair.server.exists(EXPORTS_FILE)
    pair.server.write("/etc/exports", "")
    pair.unit.put(leaving=False)
    assert pair.exports(networks="10.99.0.0/24").startswith("active")


def test_thousand_clients_are_exported(pair: Pair) -> None:
    """The next run has nothing to do."""
    addresses = " ".join(f"10.{96 - number // 250}.{number % 250}.7" for number in range(1000))
    status = pair.exports(networks=f"{addresses} 10.99.0.0/24")
    assert status == "active: 1 directory exported to 1001 clients"
    assert len(pair.server.sh("exportfs -s").splitlines()) == 1001
    before = read_state(pair.server)
    pair.unit.hooks("update-status")
    assert read_state(pair.server) == before
    assert pair.mount() == ""


OPTIONS = (
    "ro", "async,all_squash,insecure", "subtree_check,anonuid=7,anongid=8", "sec=sys",
    "no_wdelay,nohide,no_acl,crossmnt,fsid=7",
)  # fmt: skip


def test_exportfs_accepts_every_option_of_a_share(pair: Pair) -> None:
    """And its table shows that the option is in force."""
    shares = {f"s{number}": {"path": f"/srv/s{number}", "options": options}
              for number, options in enumerate(OPTIONS)}  # fmt: skip
    assert pair.exports(
        networks="10.99.0.0/24 fd00::/64", shares=json.dumps(shares), adopt=True
    ) == "active: 6 directories exported to 2 clients"  # fmt: skip
    assert pair.unit.action("list-exports")["results"]["ok"] == "true"
    assert pair.exports(networks="10.99.0.0/24").startswith("active")
