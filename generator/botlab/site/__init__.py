"""The site file: its typed model, its layers, and the findings about it."""
