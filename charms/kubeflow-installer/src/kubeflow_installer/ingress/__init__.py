"""The dashboard's entry: the gateway's address, its certificate, and the login through it."""
