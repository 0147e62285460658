"""The charm under the Harness of ops 1.5, on an old Python; test_old_archive runs this file."""

import unittest

from ops.model import ActiveStatus, BlockedStatus

from charm import NvidiaRuntimeCharm
from helpers.old_harness import CharmCase

IDLE = ActiveStatus("no GPU on this machine")


class TestCharm(CharmCase):
    """A few transitions with the ops of 18.04, whose testing module has no Context."""

    charm_class = NvidiaRuntimeCharm
    root_variable = "NVIDIA_RUNTIME_ROOT"
    leads = False

    def test_unit_without_a_gpu_is_active(self):
        """It is active on each of the first events."""
        charm = self.harness.charm
        for event in (charm.on.install, charm.on.start, charm.on.update_status):
            event.emit()
            self.assertEqual(charm.unit.status, IDLE)

    def test_unit_is_active_when_the_principal_joins(self):
        """The relation of the implicit endpoint comes up."""
        relation = self.harness.add_relation("juju-info", "kubernetes-worker")
        self.harness.add_relation_unit(relation, "kubernetes-worker/0")
        self.assertEqual(self.harness.charm.unit.status, IDLE)

    def test_bad_option_blocks_until_it_is_fixed(self):
        """The status follows the option."""
        self.harness.update_config({"driver": "?"})
        self.assertIsInstance(self.harness.charm.unit.status, BlockedStatus)
        self.harness.update_config({"driver": "auto"})
        self.assertIsInstance(self.harness.charm.unit.status, ActiveStatus)


if __name__ == "__main__":
    unittest.main()
