"""Values of cells and charts, written as a spreadsheet's number formats show them."""
