"""The charm under ops 1.5 on an old Python, by the Harness of that ops. Run by test_old_ops."""

import os
import tempfile
import unittest

from charm import MetallbCharm
from ops.model import ActiveStatus, BlockedStatus, WaitingStatus
from ops.testing import Harness


class TestCharm(unittest.TestCase):
    """A few transitions: the truth for 18.04, where ops.testing has no Context."""

    def setUp(self):
        root = tempfile.TemporaryDirectory()
        self.addCleanup(root.cleanup)
        os.environ["METALLB_ROOT"] = root.name
        folder = os.environ["CHARM"]
        texts = {}
        for name in ("metadata", "config", "actions"):
            with open(os.path.join(folder, name + ".yaml")) as file:
                texts[name] = file.read()
        self.harness = Harness(
            MetallbCharm, meta=texts["metadata"], config=texts["config"], actions=texts["actions"]
        )
        self.addCleanup(self.harness.cleanup)
        self.harness.set_planned_units(1)
        self.harness.set_leader(True)
        self.harness.begin()

    def test_options(self):
        """Blocked and mended."""
        self.harness.update_config({"log-level": "loud"})
        self.assertIsInstance(self.harness.charm.unit.status, BlockedStatus)
        self.harness.update_config({"log-level": "info", "addresses": "10.0.0.0/28"})
        self.assertIsInstance(self.harness.charm.unit.status, WaitingStatus)

    def test_control_plane_joins(self):
        """Credentials are asked for in the words of 2019."""
        self.harness.update_config({"addresses": "10.0.0.0/28"})
        relation = self.harness.add_relation("kube-control", "kubernetes-master")
        self.harness.add_relation_unit(relation, "kubernetes-master/0")
        bag = self.harness.get_relation_data(relation, "metallb/0")
        self.assertEqual(bag, {"kubelet_user": "metallb/0", "auth_group": "system:masters"})

    def test_beside_the_leader(self):
        """Other units rest."""
        self.harness.set_leader(False)
        self.harness.update_config({"addresses": "10.0.0.0/28"})
        self.assertIsInstance(self.harness.charm.unit.status, ActiveStatus)


if __name__ == "__main__":
    unittest.main()
