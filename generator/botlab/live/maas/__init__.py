"""What MAAS knows: machines, reserved addresses and subnets, from files or the maas command."""
