"""The part kfctl of the workload."""
