"""The part cluster of the workload."""
