"""The part transform of the workload."""
