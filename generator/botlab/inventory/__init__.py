"""Turn the machines of MAAS into the machines of a site."""
