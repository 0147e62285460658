"""The charm under ops 1.5 on an old Python, by that ops' Harness. Run by test_old_archive."""

import os
import tempfile
import unittest

import kf_credentials
from charm import KubeflowInstallerCharm
from ops.model import ActiveStatus, BlockedStatus, WaitingStatus
from ops.testing import Harness


class Keep:
    """Keeps in memory."""

    def __init__(self):
        self.kept = {}

    def read(self):
        """Return what is kept."""
        return self.kept

    def write(self, values):
        """Keep."""
        self.kept = dict(values)


class TestCharm(unittest.TestCase):
    """A few transitions: the truth for 18.04, where ops.testing has no Context."""

    def setUp(self):
        root = tempfile.TemporaryDirectory()
        self.addCleanup(root.cleanup)
        os.environ["KUBEFLOW_INSTALLER_ROOT"] = root.name
        os.environ["JUJU_VERSION"] = "2.9.51"
        folder = os.environ["CHARM"]
        texts = {}
        for name in ("metadata", "config", "actions"):
            with open(os.path.join(folder, name + ".yaml")) as file:
                texts[name] = file.read()
        self.harness = Harness(
            KubeflowInstallerCharm,
            meta=texts["metadata"],
            config=texts["config"],
            actions=texts["actions"],
        )
        self.addCleanup(self.harness.cleanup)
        self.harness.set_planned_units(1)
        self.harness.set_leader(True)
        self.harness.begin()

    def test_options(self):
        """Blocked and mended."""
        self.harness.update_config({"user": "nobody"})
        self.assertIsInstance(self.harness.charm.unit.status, BlockedStatus)
        self.harness.update_config({"user": "admin@lab.example"})
        self.assertIsInstance(self.harness.charm.unit.status, WaitingStatus)

    def test_control_plane_joins(self):
        """Credentials are asked for in the words of 2019."""
        relation = self.harness.add_relation("kube-control", "kubernetes-master")
        self.harness.add_relation_unit(relation, "kubernetes-master/0")
        bag = self.harness.get_relation_data(relation, "kubeflow-installer/0")
        wanted = {"kubelet_user": "kubeflow-installer/0", "auth_group": "system:masters"}
        self.assertEqual(bag, wanted)

    def test_beside_the_leader(self):
        """Other units rest."""
        self.harness.set_leader(False)
        self.harness.update_config({"user": "admin@lab.example"})
        self.assertIsInstance(self.harness.charm.unit.status, ActiveStatus)

    def test_the_hash(self):
        """Made by what the archive carries, as dex reads it."""
        found = kf_credentials.ensure(Keep(), "admin@lab.example")
        self.assertTrue(found.password_hash.startswith("$2a$10$"))
        self.assertEqual(len(found.password_hash), 60)


if __name__ == "__main__":
    unittest.main()
