// Asks the server and yields its events: {name: "part" | "reply", data}. Trouble is thrown as a Fault.

import { page, say } from "./page.js";

export class Fault extends Error {} // its message is a sentence for people

export async function* ask(body, stopped) {
  const waiting = new AbortController();
  let timer;
  const patient = () => {
    clearTimeout(timer);
    timer = setTimeout(() => waiting.abort(), page.patience * 1000);
  };
  patient();
  try {
    const response = await send(body, AbortSignal.any([stopped, waiting.signal]));
    for await (const event of events(response.body, patient)) {
      if (event.name === "fault") throw new Fault(event.data.message);
      yield event;
      if (event.name === "reply") return;
    }
    throw new Fault(say("offline"));
  } catch (error) {
    throw told(error, stopped, waiting.signal);
  } finally {
    clearTimeout(timer);
  }
}

function told(error, stopped, waiting) {
  if (error instanceof Fault) return error;
  if (stopped.aborted) return new Fault(say("stopped"));
  return new Fault(say(waiting.aborted ? "timed_out" : "offline"));
}

async function send(body, signal) {
  const response = await fetch(page.ask, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) throw new Fault(await sentenceOf(response));
  return response;
}

async function sentenceOf(response) {
  try {
    return (await response.json()).message;
  } catch {
    return say("offline"); // a proxy's own page: it says nothing to people
  }
}

async function* events(stream, onChunk) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      onChunk();
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const event = read(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function read(block) {
  let name = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    if (line.startsWith("data: ")) data = line.slice(6);
  }
  return name ? { name, data: JSON.parse(data) } : null;
}
