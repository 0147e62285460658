"""What clients may mount and write on a real server."""

from __future__ import annotations

import re

from helpers.host.pairs import SERVER, Pair
from helpers.nfs.vm_state import EXPORTS_FILE, STATE_DIRECTORY

NOBODY = "65534"
# kube-control before the control plane has published anything.
UNANSWERED = {"kube-control:1": {"name": "kube-control", "remote": "k", "units": {"k/0": {}}}}


def test_client_writes_where_the_options_allow_it(pair: Pair) -> None:
    """Root is nobody, nobody writes where it may, and a share with `ro` is read-only."""
    shares = "open: {path: /srv/open}\nfixed: {path: /srv/fixed, options: ro}\n"
    shares += "one: {path: /srv/one, options: 'all_squash,anonuid=1234'}"
    pair.exports(networks="10.99.0.0/24", shares=shares)
    pair.server.sh("chmod 0777 /srv/open /srv/fixed /srv/one")
    assert pair.mount() == ""
    assert "Permission denied" in pair.client.run("touch", "/mnt/a").err
    assert pair.mount("/srv/open") == ""
    pair.client.sh("echo lab > /mnt/a")
    assert pair.server.sh("stat -c %u /srv/open/a; cat /srv/open/a").split() == [NOBODY, "lab"]
    assert pair.mount("/srv/one") == ""
    pair.client.sh("setpriv --reuid=4000 --clear-groups touch /mnt/a")
    assert pair.server.sh("stat -c %u /srv/one/a").strip() == "1234"
    assert pair.mount("/srv/fixed") == ""
    assert "Read-only file system" in pair.client.run("touch", "/mnt/a").err


def test_only_listed_clients_mount(pair: Pair) -> None:
    """A client is admitted as soon as it is listed."""
    pair.exports(networks="10.99.0.7 10.98.0.0/16", shares="")
    assert re.search("access denied|No such file", pair.mount())
    pair.exports(networks="10.99.0.7 10.98.0.0/16 10.99.0.2")
    assert pair.mount() == ""


def test_everybody_needs_allow_world_and_is_named_in_the_status(pair: Pair) -> None:
    """The status always names what everybody may mount."""
    status = pair.exports(networks="*")
    assert status == (
        "blocked: networks: * admits everybody; name networks, or set allow-world=true"
    )
    status = pair.exports(networks="*", allow_world=True)
    assert status == ("active: 1 directory exported to 1 client; open to everybody: /nfsroot")
    assert pair.unit.action("list-exports")["results"]["correct"] == '["/nfsroot *"]'
    assert pair.mount() == ""


def test_nodes_keep_their_access_while_the_cluster_does_not_answer(pair: Pair) -> None:
    """The nodes of the cache stay admitted, and their root stays root."""
    pair.exports(networks="10.99.0.0/24")
    cached = '{"nodes": ["10.99.0.2"], "root": "/nfsroot"}'
    pair.server.write(f"{STATE_DIRECTORY}/cluster.json", cached)
    status = pair.unit.put(relations=UNANSWERED).hooks("config-changed")
    assert status.startswith("waiting: no credentials from kube-control yet")
    assert pair.mount() == ""
    pair.client.sh("mkdir -m 0700 /mnt/of-root; chown 1000 /mnt/of-root")
    assert pair.server.sh("stat -c '%u %a' /nfsroot/of-root").split() == ["1000", "700"]
    status = pair.exports(networks="10.99.0.0/24", export_root="/srv/else")
    assert "claims may lie in /nfsroot" in status
    assert "/nfsroot 10.99.0.2(" in pair.server.read(EXPORTS_FILE), "the nodes lost their access"
    status = pair.unit.put(relations={}).configure(networks="10.99.0.0/24").hooks("config-changed")
    assert "run remove-objects to end its nodes' access" in status
    assert "/nfsroot 10.99.0.2(" in pair.server.read(EXPORTS_FILE)
    answer = pair.unit.action("remove-objects")
    assert "on the cluster, which is no longer related" in answer["failed"]
    assert pair.unit.hooks("update-status") == "active: 1 directory exported to 1 client"
    pair.server.sh("rmdir /nfsroot/of-root")


def test_related_applications_have_directories_of_their_own(pair: Pair) -> None:
    """Only their own units may mount them. The directories stay when the relations are removed.

    Whoever may mount the export root reaches them there, unless applications-root is elsewhere.
    """
    worker = {"kubernetes-worker/0": {"ingress-address": "10.99.0.2"}}
    login = {"login/0": {"egress-subnets": "10.98.0.4/32", "private-address": "10.99.0.4"}}
    relations = {
        "mount:5": {"name": "mount", "remote": "kubernetes-worker", "units": worker},
        "filesystem:6": {"name": "filesystem", "remote": "login", "units": login},
    }
    network = {"bind-addresses": [], "ingress-addresses": [SERVER], "egress-subnets": []}
    pair.unit.put(relations=relations, network=network)
    status = pair.exports(networks="10.97.0.0/24")
    assert status == "active: 3 directories exported to 3 clients"
    bags = pair.unit.state("relations")
    assert bags["mount:5"]["local"] == {
        "mountpoint": "/nfsroot/kubernetes-worker", "fstype": "nfs", "options": "defaults",
        "hostname": SERVER, "export_name": "kubernetes-worker",
    }  # fmt: skip
    assert bags["filesystem:6"]["local-app"] == {
        "endpoint": f"nfs://({SERVER}:2049)/nfsroot/login"
    }
    assert pair.mount("/nfsroot/kubernetes-worker") == ""
    pair.client.sh("echo lab > /mnt/file")
    assert re.search("denied|No such", pair.mount("/nfsroot/login"))
    pair.exports(networks="10.99.0.0/24 10.97.0.0/24")
    assert pair.mount() == ""
    assert pair.client.read("/mnt/kubernetes-worker/file") == "lab\n"
    # With another export root, and the previous one as a share, no directory moves.
    old = "old: {path: /nfsroot, clients: [10.97.0.0/24]}"
    status = pair.exports(networks="10.97.0.0/24", export_root="/srv/new", shares=old)
    assert status == "active: 4 directories exported to 3 clients"
    assert pair.unit.state("relations") == bags
    assert pair.mount("/nfsroot/kubernetes-worker") == ""
    assert pair.client.read("/mnt/file") == "lab\n"
    # A later application is put where nobody else may mount the directory above.
    relations["mount:7"] = {"name": "mount", "remote": "later", "units": {"later/0": {
        "egress-subnets": "0.0.0.0/0,10.98.0.9/32"}}}  # fmt: skip
    pair.unit.put(relations=relations)
    status = pair.exports(networks="10.99.0.0/24", applications_root="/srv/apps")
    assert status == (
        "active: 4 directories exported to 4 clients; not exported to 0.0.0.0/0 for later, which"
        " needs allow-world=true"
    )
    assert pair.unit.state("relations")["mount:7"]["local"]["mountpoint"] == "/srv/apps/later"
    assert re.search("denied|No such", pair.mount("/srv/apps/later"))
    pair.unit.put(relations={})
    status = pair.exports(networks="10.99.0.0/24")
    assert status == "active: 1 directory exported to 1 client"
    assert pair.server.read("/nfsroot/kubernetes-worker/file") == "lab\n"
    pair.server.sh("rm -r /nfsroot/kubernetes-worker /nfsroot/login /srv/apps /srv/new")
