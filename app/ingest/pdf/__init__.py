"""Put a PDF's pages back together from where their glyphs stand."""
