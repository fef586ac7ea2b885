"""Parts of HTML that several formats share: what is shown, tables and fields."""
