"""The part sources of the workload."""
