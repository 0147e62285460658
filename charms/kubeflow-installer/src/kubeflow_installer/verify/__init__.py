"""The action verify: each module runs the checks of one subject."""
