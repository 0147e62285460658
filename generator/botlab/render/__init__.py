"""Room `render`."""
