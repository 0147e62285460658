"""The charm under ops 1.5 on an old Python, by that ops' Harness. Run by test_old_ops."""

import unittest

from ops.model import ActiveStatus, BlockedStatus

from charm import NvidiaRuntimeCharm
from helpers.old_harness import CharmCase


class TestCharm(CharmCase):
    """A few transitions: the truth for 18.04, where ops.testing has no Context."""

    charm_class = NvidiaRuntimeCharm
    root_variable = "NVIDIA_RUNTIME_ROOT"
    leads = False

    def test_without_a_gpu(self):
        """Active on every first event."""
        charm = self.harness.charm
        for event in (charm.on.install, charm.on.start, charm.on.update_status):
            event.emit()
            self.assertEqual(charm.unit.status, ActiveStatus("no GPU here"))

    def test_principal_joins(self):
        """The implicit endpoint's relation comes up."""
        relation = self.harness.add_relation("juju-info", "kubernetes-worker")
        self.harness.add_relation_unit(relation, "kubernetes-worker/0")
        self.assertEqual(self.harness.charm.unit.status, ActiveStatus("no GPU here"))

    def test_options(self):
        """Blocked and mended."""
        self.harness.update_config({"driver": "?"})
        self.assertIsInstance(self.harness.charm.unit.status, BlockedStatus)
        self.harness.update_config({"driver": "auto"})
        self.assertIsInstance(self.harness.charm.unit.status, ActiveStatus)


if __name__ == "__main__":
    unittest.main()
