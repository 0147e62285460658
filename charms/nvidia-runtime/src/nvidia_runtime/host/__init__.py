"""The machine: its GPUs, driver, container toolkit and packages, and its reboot."""
