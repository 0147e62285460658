"""The commands, one per module. Each module has ``run(args)``, which returns the exit status."""
