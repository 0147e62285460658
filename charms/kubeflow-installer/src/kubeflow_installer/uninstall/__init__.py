"""The uninstall: what is deleted, in which order, what is retained, what blocks a deletion."""
