"""Models on a bare machine: the base model, embeddings, adapters and the chat model over them."""
