// llama.cpp on the wheel's own file (Q4_1), through node-llama-cpp: speaks as `turns.py` does.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { getLlama } from "node-llama-cpp";

const work = JSON.parse(readFileSync(process.argv.at(-1), "utf8"));
const now = () => performance.now() / 1000;
const say = (found) => console.log(JSON.stringify(found));

const llama = await getLlama({ gpu: false, maxThreads: work.threads, logLevel: "error" });
const model = await llama.loadModel({ modelPath: work.gguf });
const context = await model.createContext({ contextSize: 2048, threads: work.threads });
say({});

for await (const _ of createInterface({ input: process.stdin })) {
  const began = now();
  const sequence = context.getSequence();
  const tokens = model.tokenize(work.rendered, true);
  const written = [];
  let first;
  for await (const token of sequence.evaluate(tokens, { temperature: 0 })) {
    first ??= now();
    if (model.isEogToken(token)) break;
    if (written.push(token) === work.tokens) break;
  }
  const end = now();
  sequence.dispose();
  const figures = { first_token_s: first - began, further_tokens_s: end - first };
  const text = { further_tokens: written.length - 1, answers: [model.detokenize(written)] };
  say({ seconds: end - began, ...figures, ...text });
}
