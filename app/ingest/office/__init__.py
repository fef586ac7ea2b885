"""The parts of office documents that python-docx and python-pptx leave in their XML."""
