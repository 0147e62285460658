"""The part config of the workload."""
