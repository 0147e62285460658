"""Room `site`."""
