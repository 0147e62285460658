"""The charm under ops 1.5 on an old Python, by that ops' Harness. Run by test_old_archive."""

import unittest

from ops.model import ActiveStatus, BlockedStatus

from charm import MetallbCharm
from helpers.old_harness import CharmCase


class TestCharm(CharmCase):
    """A few status changes, since ops 1.5 for 18.04 has no testing.Context."""

    charm_class = MetallbCharm
    root_variable = "METALLB_ROOT"

    def test_corrected_option_is_followed_by_the_next_problem(self):
        """Blocked by an option, then by a missing relation."""
        self.harness.update_config({"log-level": "loud"})
        self.assertIsInstance(self.harness.charm.unit.status, BlockedStatus)
        self.assertIn("log-level", self.harness.charm.unit.status.message)
        self.harness.update_config({"log-level": "info", "addresses": "10.0.0.0/28"})
        self.assertIsInstance(self.harness.charm.unit.status, BlockedStatus)
        self.assertIn("kube-control", self.harness.charm.unit.status.message)

    def test_kube_control_request_names_unit_and_group(self):
        """The request has the form of 2019."""
        self.harness.update_config({"addresses": "10.0.0.0/28"})
        relation = self.harness.add_relation("kube-control", "kubernetes-master")
        self.harness.add_relation_unit(relation, "kubernetes-master/0")
        bag = self.harness.get_relation_data(relation, "metallb/0")
        group = "lab-charms:metallb"
        self.assertEqual(bag, {"kubelet_user": f"{group}/0", "auth_group": group})

    def test_unit_that_is_not_the_leader_is_active(self):
        """Only the leader unit applies objects."""
        self.harness.set_leader(False)
        self.harness.update_config({"addresses": "10.0.0.0/28"})
        self.assertIsInstance(self.harness.charm.unit.status, ActiveStatus)


if __name__ == "__main__":
    unittest.main()
