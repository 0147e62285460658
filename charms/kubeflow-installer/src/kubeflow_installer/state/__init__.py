"""The part state of the workload."""
