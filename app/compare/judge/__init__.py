"""After comparisons: what finished ones say of each other."""
