"""What this suite's charms share. Python 3.6 subset, no ops but in `compat`."""
