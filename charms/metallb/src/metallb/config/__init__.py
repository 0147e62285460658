"""MetalLB's configuration: read and checked as each release does, and written as objects."""
