"""The charm under ops 1.5 on an old Python, by that ops' Harness. Run by test_old_archive."""

import os
import tempfile
import unittest

from charm import NfsServerCharm
from ops.model import BlockedStatus
from ops.testing import Harness


class TestCharm(unittest.TestCase):
    """A few transitions: the truth for 18.04, where ops.testing has no Context."""

    def setUp(self):
        root = tempfile.TemporaryDirectory()
        self.addCleanup(root.cleanup)
        os.makedirs(root.name + "/proc/self")
        with open(root.name + "/proc/self/uid_map", "w") as file:
            file.write("0 100000 65536\n")  # an unprivileged container
        os.environ["NFS_SERVER_ROOT"] = root.name
        folder = os.environ["CHARM"]
        texts = {}
        for name in ("metadata", "config", "actions"):
            with open(os.path.join(folder, name + ".yaml")) as file:
                texts[name] = file.read()
        self.harness = Harness(
            NfsServerCharm, meta=texts["metadata"], config=texts["config"],
            actions=texts["actions"],
        )  # fmt: skip
        self.addCleanup(self.harness.cleanup)
        self.harness.set_planned_units(1)
        self.harness.set_leader(True)
        self.harness.begin()

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
