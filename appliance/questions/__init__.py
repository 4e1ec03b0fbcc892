"""What people ask before and after a run, answered at once: light, nothing heavy is imported."""
