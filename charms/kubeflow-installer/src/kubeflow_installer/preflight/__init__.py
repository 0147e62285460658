"""The part preflight of the workload."""
