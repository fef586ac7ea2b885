"""After a comparison: its page, its figures and its rows."""
