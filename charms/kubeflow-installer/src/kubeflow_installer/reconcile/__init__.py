"""The part reconcile of the workload."""
