"""Models that run elsewhere: providers of LangChain's, and OpenAI-compatible servers."""
