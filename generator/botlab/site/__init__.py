"""The site file: its typed model, its layers, and what is wrong with it."""
