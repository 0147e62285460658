"""The part upstream of the workload."""
