"""The part server of the workload."""
