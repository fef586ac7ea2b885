"""What people see of a comparison: its board while it runs, then its page, figures and rows."""
