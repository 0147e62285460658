"""What an installation remembers: its state, the applied release's objects, the credentials."""
