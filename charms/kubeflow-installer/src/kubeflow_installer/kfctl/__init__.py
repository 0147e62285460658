"""Running kfctl: its configuration, its requests, and the objects that it makes."""
