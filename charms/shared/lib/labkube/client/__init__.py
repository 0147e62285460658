"""labkube: client."""
