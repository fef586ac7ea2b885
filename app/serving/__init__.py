"""The server: page, documents, clients' doors and persistence around the graph."""
