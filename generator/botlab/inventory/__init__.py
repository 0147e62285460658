"""Machines as MAAS knows them, turned into the machines of a site."""
