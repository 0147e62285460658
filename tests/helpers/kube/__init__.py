"""Real API servers for the tests, and units of charms that are related to them."""
