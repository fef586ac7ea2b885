"""Tables and sheets: where they begin, which cells name columns, how rows are written."""
