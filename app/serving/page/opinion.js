// What a reader can do with an answer: copy it, ask again, change the question, say what it is worth.

import { send } from "./api.js";
import { element, iconButton } from "./dom.js";
import { asText, copy } from "./export.js";
import { act, tell } from "./notices.js";

export function actions(answer, foot) {
  const { asked, said } = answer;
  const row = element("div", { className: "actions" });
  if (said) {
    row.append(iconButton("copy", "Copy answer", act(async () => {
      await copy(asText(said));
      tell("Copied.");
    })));
  }
  if (asked.again) row.append(iconButton("again", "Ask again", asked.again), iconButton("edit", "Edit question", asked.edit));
  foot.append(row);
  if (said && answer.run) opinion(answer, row, foot);
}

function opinion(answer, row, foot) {
  const { asked, given, run } = answer;
  const about = { run, thread: asked.thread };
  const comment = element("input", { placeholder: "What was wrong?", maxLength: 2000, dir: "auto", value: given.comment ?? "" });
  comment.setAttribute("aria-label", "Comment");
  const told = element("span", { className: "dim told" });
  told.setAttribute("role", "status");
  const thumbs = [["good", "Good answer", 1], ["bad", "Bad answer", -1]].map(([name, label, score]) => {
    const button = iconButton(name, label, act(async () => {
      mark(score);
      await keep(score);
      if (score < 0) comment.focus();
    }));
    button.dataset.score = score;
    return button;
  });

  function mark(score) {
    thumbs.forEach((each) => each.setAttribute("aria-pressed", String(+each.dataset.score === score)));
    comment.hidden = score >= 0;
  }

  async function keep(score) {
    await send("api/feedback", { ...about, score, comment: score < 0 ? comment.value : "" });
    told.textContent = score < 0 ? "Kept." : "Thank you.";
  }

  comment.addEventListener("change", act(() => keep(-1)));
  mark(given.score ?? 0);
  row.append(...thumbs);
  foot.append(comment, told);
}
