"""The observed state of the cluster, as far as MetalLB's address pools depend on it."""
