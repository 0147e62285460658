"""The charm under ops 1.5 on an old Python, by that ops' Harness. Run by test_old_archive."""

import unittest

from ops.model import ActiveStatus, BlockedStatus, WaitingStatus

from charm import MetallbCharm
from helpers.old_harness import CharmCase


class TestCharm(CharmCase):
    """A few transitions: the truth for 18.04, where ops.testing has no Context."""

    charm_class = MetallbCharm
    root_variable = "METALLB_ROOT"

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
