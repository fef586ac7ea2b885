"""The RAG of LangChain's tutorial with the same model and embeddings, all else as it is there.

Chunks of 1,000 characters that share 200, the four nearest, and the tutorial's prompt.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from langchain_community.document_loaders import DirectoryLoader, TextLoader
from langchain_community.vectorstores import FAISS
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_huggingface import ChatHuggingFace, HuggingFaceEmbeddings, HuggingFacePipeline
from langchain_text_splitters import RecursiveCharacterTextSplitter

from bench.peers.turns import Work, serve

PROMPT = (
    "You are an assistant for question-answering tasks. Use the following pieces of retrieved "
    "context to answer the question. If you don't know the answer, just say that you don't know. "
    "Use three sentences maximum and keep the answer concise.\n"
    "Question: {question} \nContext: {context} \nAnswer:"
)
LONGEST = 512  # tokens, as in LangChain's page on this model class


def load(work: Work) -> Callable[[], dict[str, Any]]:
    """Index the documents and load the models."""
    store = index(Path(work["documents"]), embeddings_of(work["embeddings"]))
    pipeline = HuggingFacePipeline.from_model_id(
        model_id=work["model"],
        task="text-generation",
        pipeline_kwargs={
            "max_new_tokens": LONGEST,
            "do_sample": False,
            "return_full_text": False,
        },
    )
    chain = (
        ChatPromptTemplate.from_template(PROMPT) | ChatHuggingFace(llm=pipeline) | StrOutputParser()
    )

    def answer(question: str) -> str:
        found = store.similarity_search(question)
        context = "\n\n".join(document.page_content for document in found)
        said: str = chain.invoke({"question": question, "context": context})
        return said

    return lambda: {"answers": [answer(asked) for asked in work["questions"]]}


def embeddings_of(folder: str) -> HuggingFaceEmbeddings:
    """Load the embedding model as the tutorial does."""
    return HuggingFaceEmbeddings(model_name=folder)


def index(documents: Path, embeddings: HuggingFaceEmbeddings) -> FAISS:
    """Cut and embed a folder of texts as the tutorial does."""
    loader = DirectoryLoader(
        str(documents), glob="**/*", loader_cls=TextLoader, loader_kwargs={"encoding": "utf-8"}
    )
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    return FAISS.from_documents(splitter.split_documents(loader.load()), embeddings)


if __name__ == "__main__":
    serve(load)
