"""One module per family of file formats; each fills a `TextBuilder` from bytes."""
