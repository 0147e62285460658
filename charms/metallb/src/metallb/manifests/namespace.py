"""The namespace that MetalLB runs in."""

# Every release's manifest names this namespace, and its programs look for their objects in it.
NAMESPACE = "metallb-system"
# The speakers are privileged pods. Servers that enforce pod security admit them by these labels.
POD_SECURITY_LABELS = {
    f"pod-security.kubernetes.io/{mode}": "privileged" for mode in ("enforce", "audit", "warn")
}
