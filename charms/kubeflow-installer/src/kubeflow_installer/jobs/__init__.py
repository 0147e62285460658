"""Background jobs: work that takes longer than a hook and goes on after the hook has ended."""
