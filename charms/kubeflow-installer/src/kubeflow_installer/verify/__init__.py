"""The part verify of the workload."""
