"""Sources of documents beyond folders."""
