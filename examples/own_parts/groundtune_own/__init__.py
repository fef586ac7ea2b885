"""What this package adds to Groundtune; see its entry points."""
