"""The part ingress of the workload."""
