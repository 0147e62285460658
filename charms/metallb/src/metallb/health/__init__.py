"""Whether the addresses of the pools reach the network: the checks behind status and `verify`."""
