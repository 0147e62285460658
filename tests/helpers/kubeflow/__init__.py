"""Small releases of Kubeflow, and stand-ins for the parts of a cluster that it needs."""
