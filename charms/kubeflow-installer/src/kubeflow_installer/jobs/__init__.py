"""The part jobs of the workload."""
