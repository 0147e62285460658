"""Rules that a bundle is checked by: those of Juju itself, and those of the lab."""
