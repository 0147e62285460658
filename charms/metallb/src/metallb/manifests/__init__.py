"""The objects of a MetalLB release, without its configuration."""
