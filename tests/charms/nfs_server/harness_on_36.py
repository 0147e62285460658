"""The charm under ops 1.5 on an old Python, by that ops' Harness. Run by test_old_archive."""

import os
import unittest

from ops.model import BlockedStatus

from charm import NfsServerCharm
from helpers.old_harness import CharmCase


class TestCharm(CharmCase):
    """A few transitions: the truth for 18.04, where ops.testing has no Context."""

    charm_class = NfsServerCharm
    root_variable = "NFS_SERVER_ROOT"

    def prepare(self, root):
        """Make the machine an unprivileged container."""
        os.makedirs(root + "/proc/self")
        with open(root + "/proc/self/uid_map", "w") as file:
            file.write("0 100000 65536\n")

    def message(self):
        """Return what the unit is blocked by."""
        status = self.harness.charm.unit.status
        self.assertIsInstance(status, BlockedStatus)
        return status.message

    def test_options(self):
        """All that is wrong at once; then the container."""
        self.harness.update_config({"export-root": "/etc", "shares": "a: [", "threads": -1})
        for part in ("export-root: /etc", "shares is no YAML", "threads is -1"):
            self.assertIn(part, self.message())
        self.harness.update_config({"export-root": "/nfsroot", "shares": "", "threads": 0})
        self.assertIn("unprivileged container", self.message())

    def test_control_plane_joins(self):
        """Credentials are asked for in the words of 2019."""
        relation = self.harness.add_relation("kube-control", "kubernetes-master")
        self.harness.add_relation_unit(relation, "kubernetes-master/0")
        bag = self.harness.get_relation_data(relation, "nfs-server/0")
        self.assertEqual(bag, {"kubelet_user": "nfs-server/0", "auth_group": "system:masters"})

    def test_second_unit(self):
        """Another unit serves, by its own word once it is there."""
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
