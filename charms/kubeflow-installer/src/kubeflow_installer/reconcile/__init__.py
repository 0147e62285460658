"""The reconcile loop: from the observed state to the desired state, one step per hook."""
