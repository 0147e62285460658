"""The action verify: each module makes checks of one subject."""
