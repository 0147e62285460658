"""The part host of the workload."""
