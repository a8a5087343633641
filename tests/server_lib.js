// Shared by the server's tests: starts a real server on a free port, asks it, counts what holds.
const { spawn, spawnSync } = require("child_process");
const fs = require("fs"), http = require("http"), net = require("net"), os = require("os"), path = require("path");

const build = process.env.GJ_BUILD;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "guiju-server-"));
let passed = 0, failed = 0;
const running = new Set();

const ok = (name, holds, detail) => {
  holds ? passed++ : failed++;
  if (!holds) console.log(`not ok ${name}${detail === undefined ? "" : `: ${detail}`}`);
  else if (process.env.VERBOSE) console.log(`ok ${name}`);
  return holds;
};
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
// Waits until something holds, at most a minute: a busy machine takes its time.
const until = async (holds) => { for (let i = 0; i < 2400 && !holds(); i++) await sleep(25); };
// Asks again until the answer is as hoped, at most a minute: the last answer.
const eventually = async (question, holds) => {
  let answer = await question();
  for (let i = 0; i < 2400 && !holds(answer); i++) { await sleep(25); answer = await question(); }
  return answer;
};
const as = (secret) => ({ Authorization: `Bearer ${secret}` });

// A server: {port, child, log(), ask(...), knows(...), stop(), kill()}.
const serve = async (name, options = [], { env = {}, wrap = [] } = {}) => {
  const db = name.startsWith("/") ? name : path.join(folder, name);
  const command = [...wrap, path.join(build, "guiju-serve"), "--listen", "127.0.0.1:0", "--db", db,
    "--rulebook", "rulebook", ...options];
  const child = spawn(command[0], command.slice(1), { env: { ...process.env, ...env } });
  let text = "";
  child.stdout.on("data", (bytes) => (text += bytes));
  child.stderr.on("data", (bytes) => (text += bytes));
  const ended = new Promise((done) => child.on("exit", (code, signal) => { running.delete(child); done({ code, signal }); }));
  running.add(child);
  for (let i = 0; i < 600 && !/http:\/\/[^ ]*:\d+/.test(text) && child.exitCode === null; i++) await sleep(50);
  const port = Number((text.match(/http:\/\/127\.0\.0\.1:(\d+)/) || [])[1]);
  const server = { port, db, child, ended, log: () => text };
  server.ask = (method, target, body, headers = {}) => ask(port, method, target, body, headers);
  server.knows = async (...secrets) => { // it learns of new tokens by and by
    const me = (who) => () => server.ask("GET", "/v1/me", undefined, who);
    await eventually(me({}), (answer) => answer.status === 401);
    for (const secret of secrets) await eventually(me(as(secret)), (answer) => answer.status === 200);
  };
  server.stop = async () => { child.kill("SIGTERM"); return ended; };
  server.kill = async () => { child.kill("SIGKILL"); return ended; };
  return server;
};

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
// {status, headers, text, json}
const ask = (port, method, target, body, headers = {}) => new Promise((done) => {
  const bytes = body === undefined ? undefined : typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const request = http.request({ host: "127.0.0.1", port, method, path: target, agent,
    headers: { ...(bytes === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(bytes) }), ...headers } },
  (answer) => {
    const parts = [];
    answer.on("data", (part) => parts.push(part));
    answer.on("end", () => {
      const text = Buffer.concat(parts).toString();
      let json;
      try { json = JSON.parse(text); } catch { json = undefined; }
      done({ status: answer.statusCode, headers: answer.headers, text, json });
    });
    answer.on("error", (error) => done({ status: 0, error, text: "" }));
  });
  request.on("error", (error) => done({ status: 0, error, text: "" }));
  request.end(bytes);
});

// Raw bytes to the server; resolves with all that comes until it closes, or is silent: 3 s behind what came, a minute
// before anything comes.
const raw = (port, bytes, drip) => new Promise((done) => {
  const socket = net.connect(port, "127.0.0.1");
  let text = "", closed = false;
  const end = (open) => {
    if (closed) return;
    closed = true;
    clearInterval(timer);
    clearTimeout(limit);
    socket.destroy();
    done({ text, open });
  };
  let timer, limit = setTimeout(end, 60000, true);
  socket.on("connect", () => {
    socket.write(bytes);
    if (drip) timer = setInterval(() => socket.write(drip), 100);
  });
  socket.on("data", (part) => {
    text += part;
    clearTimeout(limit);
    limit = setTimeout(end, 3000, true);
  });
  socket.on("close", () => end(false));
  socket.on("error", () => end(false));
});

let number = 0;
const event = (type, data, { source = "/pdd/s1", id = `e${process.pid}-${++number}`, time = new Date() } = {}) => ({
  specversion: "1.0", id, source, type, time: time.toISOString(), data });
const said = (text, { sender = "buyer", session = "S1", ...rest } = {}) => event("chat.message.created", {
  session_id: session, message_id: `m${process.pid}-${number + 1}`, sender, buyer_id: "b1", text,
  ...(sender === "agent" ? { agent_id: "a1" } : {}) }, rest);

const guiju = (...args) => spawnSync(path.join(build, "guiju"), args, { encoding: "utf8" });
const token = (db, ...args) => guiju("token", "add", ...args, "--db", db).stdout.trim().split("\n")[0];

const finish = async () => {
  for (const child of running) child.kill("SIGKILL");
  agent.destroy();
  fs.rmSync(folder, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
};
const main = (body) => body().catch((error) => { ok("the test itself", false, error.stack); }).then(finish);

module.exports = { as, ask, event, eventually, folder, guiju, main, ok, raw, said, serve, sleep, token, until, fs, net, path };
