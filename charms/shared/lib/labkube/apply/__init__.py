"""labkube: apply."""
