"""Before a comparison: the questions, and what so many of them can show."""
