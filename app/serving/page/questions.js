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

// Pairs questions with what repeats them in a thread beside theirs; earlier releases kept no run there.
export function repetitions(asked, beside) {
  const found = new Map();
  const pair = (one, same) => {
    const first = asked.find((each) => !found.has(each) && same(each));
    if (first) found.set(first, one);
  };
  const named = (one) => one.given?.repeats;
  for (const one of beside.filter(named)) pair(one, ({ run }) => run === named(one));
  for (const one of beside) if (!named(one)) pair(one, ({ question }) => question === one.question);
  return found;
}
