"""The charm under ops 1.5 on an old Python, by that ops' Harness. Run by test_old_archive."""

import os
import unittest

from ops.model import ActiveStatus, BlockedStatus, WaitingStatus

from charm import KubeflowInstallerCharm
from helpers.old_harness import CharmCase
from kubeflow_installer.state import credentials


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


class TestCharm(CharmCase):
    """A few transitions: the truth for 18.04, where ops.testing has no Context."""

    charm_class = KubeflowInstallerCharm
    root_variable = "KUBEFLOW_INSTALLER_ROOT"

    def prepare(self, root):
        """Tell which Juju it is: one without secrets."""
        os.environ["JUJU_VERSION"] = "2.9.51"

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
        found = credentials.ensure(Keep(), "admin@lab.example")
        self.assertTrue(found.password_hash.startswith("$2a$10$"))
        self.assertEqual(len(found.password_hash), 60)


if __name__ == "__main__":
    unittest.main()
