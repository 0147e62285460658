"""What both integration environments share: controller, machines, charms and bundle."""
