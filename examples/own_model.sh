#!/usr/bin/env bash
# Your own model: examples/own_model.sh DOCUMENTS QUESTIONS.jsonl QUESTION [flags of finetune].
# Trains an adapter, lists it with its gates, and asks it.
# Ends with code 2 if the adapter does not pass its gates; then nothing changes.
set -euo pipefail
documents=$1 questions=$2 question=$3
shift 3

groundtune finetune "$documents" --questions "$questions" --name own "$@"
groundtune models
groundtune ask "$question" --adapter own
