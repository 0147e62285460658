"""The Kubeflow releases that this charm installs: the release table, and what each consists of."""
