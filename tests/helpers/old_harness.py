"""The base of the charms' tests under the Harness of ops 1.5. It runs on Python 3.6 too."""

import os
import tempfile
import unittest

from ops.testing import Harness


class CharmCase(unittest.TestCase):
    """A test case with a started charm, on a machine that is a directory.

    Attributes:
        charm_class: The class of the charm.
        root_variable: The environment variable that gives the charm the machine's root.
        leads: Whether the unit is the leader.
        harness: The Harness, from setUp on.
    """

    charm_class = None
    root_variable = ""
    leads = True

    def prepare(self, root):
        """Write files that the charm expects on its machine; none by default."""

    def setUp(self):
        """Start the charm with the YAML files of the unpacked archive in the variable CHARM."""
        root = tempfile.TemporaryDirectory()
        self.addCleanup(root.cleanup)
        os.environ[self.root_variable] = root.name
        self.prepare(root.name)
        meta, config, actions = (_text(name) for name in ("metadata", "config", "actions"))
        self.harness = Harness(self.charm_class, meta=meta, config=config, actions=actions)
        self.addCleanup(self.harness.cleanup)
        self.harness.set_planned_units(1)
        self.harness.set_leader(self.leads)
        self.harness.begin()


def _text(name):
    with open(os.path.join(os.environ["CHARM"], name + ".yaml")) as file:
        return file.read()
