"""The charm under ops 1.5 on an old Python, by that ops' Harness. Run by test_old_archive."""

import os
import unittest

from ops.model import ActiveStatus, BlockedStatus

from charm import KubeflowInstallerCharm
from helpers.old_harness import CharmCase
from kubeflow_installer.state import credentials


class MemorySecret:
    """A secret in memory."""

    def __init__(self):
        self.content = {}

    def read(self):
        """Return the content."""
        return self.content

    def write(self, content):
        """Replace the content."""
        self.content = dict(content)


class TestCharm(CharmCase):
    """A few transitions, for 18.04, where ops.testing has no Context."""

    charm_class = KubeflowInstallerCharm
    root_variable = "KUBEFLOW_INSTALLER_ROOT"

    def prepare(self, root):
        """Set the version of a Juju without secrets."""
        os.environ["JUJU_VERSION"] = "2.9.51"

    def test_options(self):
        """Invalid options are named first; then the missing relation is."""
        for user, problem in (
            ("nobody", "user is 'nobody'"),
            ("admin@lab.example", "kube-control is not related to the control plane"),
        ):
            self.harness.update_config({"user": user})
            status = self.harness.charm.unit.status
            self.assertIsInstance(status, BlockedStatus)
            self.assertIn(problem, status.message)

    def test_control_plane_joins(self):
        """The request for credentials has the keys of 2019."""
        relation = self.harness.add_relation("kube-control", "kubernetes-master")
        self.harness.add_relation_unit(relation, "kubernetes-master/0")
        bag = self.harness.get_relation_data(relation, "kubeflow-installer/0")
        request = {"kubelet_user": "kubeflow-installer/0", "auth_group": "system:masters"}
        self.assertEqual(bag, request)

    def test_other_units(self):
        """Units other than the leader are active."""
        self.harness.set_leader(False)
        self.harness.update_config({"user": "admin@lab.example"})
        self.assertIsInstance(self.harness.charm.unit.status, ActiveStatus)

    def test_hash(self):
        """The archive's own passlib makes a hash that dex reads."""
        generated = credentials.ensure(MemorySecret(), "admin@lab.example")
        self.assertTrue(generated.password_hash.startswith("$2a$10$"))
        self.assertEqual(len(generated.password_hash), 60)


if __name__ == "__main__":
    unittest.main()
