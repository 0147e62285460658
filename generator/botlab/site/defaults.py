"""Values of a site that rules and messages name, apart from the models."""

from __future__ import annotations

# The profile for labs that start today.
PROFILE_OF_TODAY = "charmed-k8s"
# The profile for a cluster that Juju does not manage.
PROFILE_EXISTING = "existing"
# What precedes the id of a secret in Juju.
STORED_IN_JUJU = "secret:"
