"""Room `inventory`."""
