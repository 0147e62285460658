"""The charm under ops 1.5 on an old Python, by that ops' Harness. test_old_archive runs it."""

import os
import unittest

from ops.model import BlockedStatus

from charm import NfsServerCharm
from helpers.old_harness import CharmCase


class TestCharm(CharmCase):
    """A few state transitions on 18.04, whose ops.testing has no Context."""

    charm_class = NfsServerCharm
    root_variable = "NFS_SERVER_ROOT"

    def prepare(self, root):
        """Make the machine an unprivileged container."""
        os.makedirs(root + "/proc/self")
        with open(root + "/proc/self/uid_map", "w") as file:
            file.write("0 100000 65536\n")

    def message(self):
        """Return the message of the blocked unit."""
        status = self.harness.charm.unit.status
        self.assertIsInstance(status, BlockedStatus)
        return status.message

    def test_problems_of_options_come_before_the_container(self):
        """Several problems together, as far as they fit, then the container."""
        self.harness.update_config({"export-root": "/etc", "threads": -1})
        for part in ("export-root: /etc", "threads is -1"):
            self.assertIn(part, self.message())
        self.harness.update_config({"export-root": "/nfsroot", "shares": "", "threads": 0})
        self.assertIn("unprivileged container", self.message())

    def test_control_plane_is_asked_for_credentials(self):
        """By the keys of 2019."""
        relation = self.harness.add_relation("kube-control", "kubernetes-master")
        self.harness.add_relation_unit(relation, "kubernetes-master/0")
        bag = self.harness.get_relation_data(relation, "nfs-server/0")
        group = "lab-charms:nfs-server"
        self.assertEqual(bag, {"kubelet_user": f"{group}/0", "auth_group": group})

    def test_second_unit_stands_by(self):
        """Also before the serving unit has published that it serves."""
        self.harness.set_leader(False)
        self.harness.set_planned_units(2)
        self.harness.update_config({"threads": 9})
        self.assertIn("another unit serves", self.message())
        self.harness.set_leader(True)
        relation = self.harness.add_relation("servers", "nfs-server")
        self.harness.add_relation_unit(relation, "nfs-server/1")
        self.harness.update_relation_data(relation, "nfs-server/1", {"holds-data": "true"})
        self.assertIn("nfs-server/1 serves", self.message())


if __name__ == "__main__":
    unittest.main()
