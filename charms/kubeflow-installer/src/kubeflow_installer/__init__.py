"""The workload of the charm kubeflow-installer."""
