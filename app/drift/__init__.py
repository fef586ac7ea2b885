"""Compare the questions asked now with earlier ones, and say what to do about it."""
