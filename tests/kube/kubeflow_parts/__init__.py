"""Parts of kubeflow-installer on the oldest and the newest API server, which all files share."""
