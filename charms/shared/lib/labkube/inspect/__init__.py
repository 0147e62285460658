"""labkube: inspect."""
