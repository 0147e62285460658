"""A small stand-in for Juju's unit agent: it runs the hooks and actions of packed charms."""
