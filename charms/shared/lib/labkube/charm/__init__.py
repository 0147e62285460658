"""labkube: charm."""
