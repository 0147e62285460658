"""The workload of the charm nvidia-runtime: plain Python, without ops."""
