"""The part releases of the workload."""
