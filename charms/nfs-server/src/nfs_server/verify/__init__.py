"""The checks of the action `verify`."""
