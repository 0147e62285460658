"""What charms' tests under the Harness of ops 1.5 share. Runs on Python 3.6 too."""

import os
import tempfile
import unittest

from ops.testing import Harness


class CharmCase(unittest.TestCase):
    """A charm that has begun, on a machine that is a folder.

    Attributes:
        charm_class: The charm's class.
        root_variable: What the charm finds its machine's root by in the environment.
        leads: Whether its unit is the one that leads.
        harness: The Harness, from setUp on.
    """

    charm_class = None
    root_variable = ""
    leads = True

    def prepare(self, root):
        """Put into the machine's folder what the charm must find there; nothing here."""

    def setUp(self):
        """Bring the charm up by its YAML files, which the folder in CHARM has."""
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
