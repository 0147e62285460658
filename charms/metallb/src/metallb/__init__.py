"""The workload of the charm metallb."""
