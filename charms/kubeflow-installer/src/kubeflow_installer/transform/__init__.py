"""Changes that make a release's objects fit a site and the server."""
