// Reads what the server tells of a thread as its questions.

// Each with its answer where there is one; its run names it, as equal ones may be asked.
export function questions(told) {
  const found = [];
  for (const message of told.messages) {
    if (message.role === "user") found.push({ ...message, question: message.text, said: null, last: false });
    else if (found.length) found.at(-1).said = message;
  }
  if (found.length) found.at(-1).last = true;
  return found;
}
