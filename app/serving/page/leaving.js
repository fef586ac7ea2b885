// Sends what is still to be told when the page is left, or its user logs out.

const untold = [];

// `send` is called at once, with options of a request that outlives the page.
export function whenLeaving(send) {
  untold.push(send);
}

export function tellAll() {
  for (const send of untold) send({ keepalive: true });
}

addEventListener("pagehide", tellAll);
