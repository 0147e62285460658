"""The workload of the charm nvidia-runtime."""
