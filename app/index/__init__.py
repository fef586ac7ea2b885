"""The search index: vectors in FAISS, text and BM25 in SQLite, written in atomic generations."""
