"""The StorageClass and its provisioner on a Kubernetes cluster."""
