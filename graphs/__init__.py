"""The LangGraph workflow: prompts, state, nodes and assembly."""
