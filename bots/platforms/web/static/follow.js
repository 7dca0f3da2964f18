// Asks and follows the reply, over cut connections: yields {name: "part" | "restart" | "reply", data}. Trouble is a Fault.

import { call, Fault, good, post, upload } from "./call.js";
import { page, say } from "./page.js";

const BACK_OFF = [0.3, 1, 2, 4]; // seconds before each try to find the way back
const FILES_TAKE = 4; // times as long, until they have arrived

// `turn` is {id, said, stored}; said is {question}, {tap}, {form} or {file, field, draft}. Once the server has it, it is only ever read on from the last mark we saw.
export async function* follow(turn, window, stopped) {
  const way = { mark: "", lost: 0 };
  const waiting = new AbortController();
  const signal = AbortSignal.any([stopped, waiting.signal]);
  let timer;
  const patient = () => {
    clearTimeout(timer);
    const times = turn.said.file && !turn.stored ? FILES_TAKE : 1;
    timer = setTimeout(() => waiting.abort(), page.patience * 1000 * times);
  };
  patient();
  try {
    for (;;) {
      let pause = null;
      for await (const event of attempt(turn, window, way, signal)) {
        if (event.name === "wait") {
          pause = event.data.seconds;
          break;
        }
        patient();
        yield event;
        if (event.name === "reply") return;
      }
      if (pause === null && way.lost >= BACK_OFF.length) throw new Fault(say("offline"));
      await sleep(pause ?? BACK_OFF[way.lost++], signal);
    }
  } catch (error) {
    throw told(error, stopped, way);
  } finally {
    clearTimeout(timer);
  }
}

// One connection. It ends quietly where the connection does.
async function* attempt(turn, window, way, signal) {
  try {
    const response = await good(await (turn.stored ? resume : ask)(turn, window, way, signal));
    turn.stored = true;
    for await (const event of events(response.body)) {
      if (event.name === "fault") throw new Fault(event.data.message);
      way.mark = event.id || way.mark;
      way.lost = 0;
      yield event;
    }
  } catch (error) {
    if (error instanceof Fault || signal.aborted) throw error;
  }
}

function ask(turn, window, way, signal) {
  const headers = { Accept: "text/event-stream" };
  const { file, field, draft } = turn.said;
  if (file) return upload(page.paths.file, { window, message: turn.id, field, draft, file }, { headers, signal });
  return post(page.paths.ask, { window, message: turn.id, ...turn.said }, { headers, signal });
}

function resume(turn, window, way, signal) {
  const headers = { Accept: "text/event-stream", "Last-Event-ID": way.mark };
  return call(`${page.paths.stream}?${new URLSearchParams({ window, message: turn.id })}`, { headers, signal });
}

function told(error, stopped, way) {
  if (error instanceof Fault) return error;
  if (stopped.aborted) return new Fault(say("stopped"));
  return new Fault(say(way.lost ? "offline" : "timed_out"));
}

function sleep(seconds, signal) {
  return new Promise((done, failed) => {
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener("abort", () => (clearTimeout(timer), failed(signal.reason)), { once: true });
    if (signal.aborted) failed(signal.reason);
  });
}

async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
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
  const event = { id: "", name: "", data: "" };
  for (const line of block.split("\n")) {
    if (line.startsWith("id: ")) event.id = line.slice(4);
    if (line.startsWith("event: ")) event.name = line.slice(7);
    if (line.startsWith("data: ")) event.data = line.slice(6);
  }
  return event.name ? { ...event, data: JSON.parse(event.data) } : null; // a comment is a heartbeat
}
