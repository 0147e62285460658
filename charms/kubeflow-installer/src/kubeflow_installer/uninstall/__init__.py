"""The part uninstall of the workload."""
