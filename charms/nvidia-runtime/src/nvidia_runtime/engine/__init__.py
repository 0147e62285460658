"""docker and containerd as services of the machine."""
