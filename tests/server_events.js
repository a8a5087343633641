// Events in every mode, answered the same twice; repeated requests; listeners that may not listen any more; masks; a
// rulebook that changes while the server runs.
const { main, ok, said, event, serve, sleep, token, folder, fs, path } = require("./server_lib.js");
const { spawnSync } = require("child_process");
const as = (secret) => ({ Authorization: `Bearer ${secret}` });
const lines = { "Content-Type": "application/x-ndjson" };

const modes = async (server) => {
  const one = said("加我微信 vx12345678", { sender: "agent", id: "one" });
  const first = await server.ask("POST", "/v1/events", one);
  const second = await server.ask("POST", "/v1/events", one);
  ok("an event is applied", first.json?.status === "applied" && first.json.decision?.cases?.length > 0, first.text.slice(0, 200));
  ok("sent twice, it is applied once and answered with the same decision", second.json?.status === "duplicate" &&
    JSON.stringify(second.json.decision) === JSON.stringify(first.json.decision), second.text.slice(0, 200));
  const structured = await server.ask("POST", "/v1/events", said("在吗", { id: "structured" }), { "Content-Type": "application/cloudevents+json; charset=utf-8" });
  ok("structured", structured.json?.status === "applied", structured.text.slice(0, 200));
  const batch = await server.ask("POST", "/v1/events", [said("在吗", { id: "b1" }), one, { ...said("x"), type: "no.such.type" }], { "Content-Type": "application/cloudevents-batch+json" });
  ok("batched: applied, known, refused, each by itself", batch.json?.applied === 1 && batch.json?.duplicate === 1 && batch.json?.refused === 1 &&
    batch.json.results[2].why.includes("no.such.type"), batch.text.slice(0, 300));
  const jsonl = await server.ask("POST", "/v1/events", `${JSON.stringify(said("a,b]}\"", { id: "l1" }))}\n\n${JSON.stringify(said("在吗", { id: "l2" }))}\r\n`, lines);
  ok("lines", jsonl.json?.applied === 2, jsonl.text.slice(0, 300));
  const { data, ...attributes } = said("在吗", { id: "b%2", source: "/pdd/s1" });
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value).replace(/%2F/g, "/").replace(/%3A/g, ":")]));
  const binary = await server.ask("POST", "/v1/events", data, headers);
  ok("binary, its attributes percent-encoded", binary.json?.status === "applied" && binary.json.id === "b%2", binary.text.slice(0, 300));
  const wrong = await server.ask("POST", "/v1/events", event("order.created", { order_id: "O1" }));
  ok("out of contract: 422, and what to do", wrong.status === 422 && wrong.json.detail.length > 10, wrong.text);
  const english = await server.ask("POST", "/v1/events", "{", { "Accept-Language": "en-GB,en" });
  ok("problems in the caller's language", english.status === 400 && english.json?.title === "Bad request" && english.headers["content-language"] === "en", english.text);
  const alone = await server.ask("POST", "/v1/events", said("在吗"), { "Content-Type": "application/cloudevents-batch+json" });
  ok("batched mode is an array", alone.status === 400, alone.text);
  const neither = await server.ask("POST", "/v1/events", "{\"a\":", headers);
  ok("binary mode's data is JSON", neither.status === 400, neither.text);
  ok("decision is true or false", (await server.ask("POST", "/v1/events?decision=perhaps", said("在吗"))).status === 400);
  const silent = await server.ask("POST", "/v1/events?decision=false", said("在吗", { id: "silent" }));
  ok("without the decision, if it is not wanted", silent.json?.status === "applied" && silent.json.decision === undefined, silent.text);
};

const checks = async (server) => {
  const messages = ["您好，有货的", "加我微信", "刷信用卡要加手续费"].map((text, id) => ({ id, platform: "tmall", text }));
  const singly = [];
  for (const message of messages) singly.push((await server.ask("POST", "/v1/check", message)).json);
  const array = await server.ask("POST", "/v1/check/batch", messages);
  ok("a batch is answered as its messages singly", JSON.stringify(array.json) === JSON.stringify(singly), array.text.slice(0, 300));
  const jsonl = await server.ask("POST", "/v1/check/batch", messages.map((message) => JSON.stringify(message)).join("\n"), lines);
  ok("and so are lines", jsonl.text.trim().split("\n").join(",") === JSON.stringify(singly).slice(1, -1), jsonl.text.slice(0, 300));
  const mixed = await server.ask("POST", "/v1/check/batch", [messages[0], { platform: "tmall" }, messages[1]]);
  ok("one bad message spoils no other", mixed.json?.length === 3 && mixed.json[1].error !== undefined && mixed.json[2].suggestion === singly[1].suggestion, mixed.text.slice(0, 300));
  ok("a message that is no JSON is a bad request", (await server.ask("POST", "/v1/check", "{")).status === 400);
  ok("so is a batch that is neither array nor lines", (await server.ask("POST", "/v1/check/batch", "{")).status === 400);
  ok("lines under the name of JSON are taken", (await server.ask("POST", "/v1/check/batch", messages.map((message) => JSON.stringify(message)).join("\n"))).status === 200);
  ok("an empty batch is answered empty", (await server.ask("POST", "/v1/check/batch", [])).text.trim() === "[]");
};

// Who remembers verdicts answers and counts as who does not.
const remembered = async () => {
  const with_memory = await serve("memory.db", ["--threads", "1"]), without = await serve("anew.db", ["--threads", "1", "--remember", "0"]);
  const messages = fs.readFileSync("examples/messages.jsonl", "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const figures = async (server) => Object.fromEntries((await server.ask("GET", "/metrics")).text.split("\n")
    .filter((line) => line.startsWith("guiju_checks_")).map((line) => line.split(" ")));
  const differ = [];
  for (const headers of [{}, { "Accept-Language": "en" }, {}]) {
    for (const [i, message] of messages.entries()) {
      const own = { ...message, id: `own-${differ.length}-${i}` };
      const [a, b] = await Promise.all([with_memory, without].map((server) => server.ask("POST", "/v1/check", own, headers)));
      if (a.text !== b.text || a.json.id !== own.id) differ.push(a.text);
    }
    const [a, b] = await Promise.all([with_memory, without].map((server) => server.ask("POST", "/v1/check/batch", messages, headers)));
    if (a.text !== b.text) differ.push(a.text);
  }
  ok("verdicts that are remembered are those that would be given", differ.length === 0, differ[0]);
  const [told, anew] = [await figures(with_memory), await figures(without)];
  ok("they are counted all the same", ["pass", "review", "block"].every((what) => { const name = `guiju_checks_total{suggestion="${what}"}`;
    return Number(told[name]) > 0 && told[name] === anew[name]; }), JSON.stringify([told, anew]));
  ok("and how many were remembered is told", Number(told.guiju_checks_remembered_total) >= messages.length && anew.guiju_checks_remembered_total === "0", JSON.stringify([told, anew]));
  await with_memory.stop();
  await without.stop();
};

const repeated = async (server, admin) => {
  const body = { url: "https://example.com/hook" }, key = { ...as(admin), "Idempotency-Key": "k1" };
  const first = await server.ask("POST", "/v1/webhooks", body, key), second = await server.ask("POST", "/v1/webhooks", body, key);
  ok("a repeated request is answered the same, and done once", first.status === 201 && second.status === 201 && second.json.id === first.json.id &&
    second.headers["idempotency-replayed"] === "true", second.text);
  ok("it was done once", (await server.ask("GET", "/v1/webhooks", undefined, as(admin))).json.items.length === 1);
  const other = await server.ask("POST", "/v1/webhooks", { url: "https://example.com/other" }, key);
  ok("its key is for no other request", other.status === 422, other.text);
};

const listeners = async (server, admin) => {
  const http = require("http");
  const secret = token(server.db, "ear", "--role", "supervisor"), shop = token(server.db, "shop", "--role", "supervisor", "--shop", "/pdd/mine");
  await sleep(1300);
  const listen = (who, headers = {}) => {
    const heard = { text: "", ended: false };
    http.get({ host: "127.0.0.1", port: server.port, path: "/v1/stream", headers: { ...as(who), ...headers } }, (answer) => {
      answer.on("data", (part) => (heard.text += part));
      answer.on("end", () => (heard.ended = true));
    }).on("error", () => (heard.ended = true));
    return heard;
  };
  const all = listen(secret), own = listen(shop), ahead = listen(secret, { "Last-Event-ID": "999999999" });
  const odd = await server.ask("GET", "/v1/stream", undefined, { ...as(secret), "Last-Event-ID": "first" });
  ok("a Last-Event-ID that is no number is refused", odd.status === 400, odd.text);
  await sleep(300);
  await server.ask("POST", "/v1/events", [said("加我微信 vx12345678", { sender: "agent", source: "/pdd/mine" }), said("加我微信 vx12345678", { sender: "agent", source: "/pdd/theirs" })], as(admin));
  await sleep(600);
  ok("a listener hears of all his shops", /\/pdd\/mine/.test(all.text) && /\/pdd\/theirs/.test(all.text));
  ok("one beyond the last notice means from now on", /\/pdd\/mine/.test(ahead.text), ahead.text.slice(0, 200));
  ok("and of no other", /\/pdd\/mine/.test(own.text) && !/\/pdd\/theirs/.test(own.text), own.text.slice(0, 200));
  spawnSync(`${process.env.GJ_BUILD}/guiju`, ["token", "revoke", secret.split("_")[1], "--db", server.db]);
  await sleep(3500);
  ok("whose token is revoked is let go", all.ended && !own.ended, `${all.ended} ${own.ended}`);
};

const masked = async (server, admin) => {
  const inspector = token(server.db, "inspector", "--role", "inspector"), auditor = token(server.db, "auditor", "--role", "auditor");
  await sleep(1300);
  await server.ask("POST", "/v1/events", said("我的电话13812345678，地址浙江省杭州市西湖区文三路100号3幢201", { session: "P1", id: "personal" }), as(admin));
  for (const status of ["applied", "duplicate"]) {
    const again = await server.ask("POST", "/v1/events", said(status === "applied" ? "电话13812345678" : "什么电话", { session: "P2", id: "personal2" }), as(admin));
    ok(`an event that is ${status} is answered masked`, again.json?.status === status && again.text.includes("138****5678") && !again.text.includes("13812345678"), again.text.slice(0, 300));
  }
  await server.ask("POST", "/v1/events", said("加我微信", { sender: "agent", session: "P3", id: "personal3" }), as(admin));
  const { id } = (await server.ask("GET", "/v1/findings?limit=1", undefined, as(inspector))).json.items[0];
  const noted = await server.ask("POST", `/v1/findings/${id}/review`, { verdict: "confirmed", note: "买家电话13812345678" }, as(inspector));
  ok("an inspector's note is shown as it is", noted.json?.said?.at(-1).note.includes("13812345678"), noted.text);
  for (const target of [`/v1/findings/${id}`, "/v1/findings?limit=1000"]) {
    const told = await server.ask("GET", target, undefined, as(auditor));
    ok(`${target}: to an auditor it is masked`, told.text.includes("138****5678") && !told.text.includes("13812345678"), told.text.slice(-300));
  }
  const full = await server.ask("GET", "/v1/entities/session/P1?shop=/pdd/s1", undefined, as(inspector));
  const hidden = await server.ask("GET", "/v1/entities/session/P1?shop=/pdd/s1", undefined, as(auditor));
  ok("an inspector sees a buyer's phone", full.status === 200 && full.text.includes("13812345678"), full.text.slice(0, 200));
  ok("an auditor sees it masked", hidden.status === 200 && hidden.text.includes("138****5678") && !hidden.text.includes("13812345678") && !hidden.text.includes("文三路100号"), hidden.text.slice(-600));
  const looks = spawnSync(`${process.env.GJ_BUILD}/guiju`, ["audit", "list", "--db", server.db], { encoding: "utf8" }).stdout;
  ok("the look at it is in the audit log", /entity .*P1/.test(looks), looks.slice(-300));
};

const pushed = async (server, admin) => {
  const envelope = '{"nothing":"known"}';
  const nobody = await server.ask("POST", "/v1/ingest/pdd", envelope);
  ok("what is pushed by nobody is refused", nobody.status === 401, nobody.status);
  const unknown = await server.ask("POST", "/v1/ingest/nowhere", envelope, as(admin));
  ok("a platform without a mapping is told", unknown.status === 404, unknown.status);
};

const rules = async () => {
  const book = path.join(folder, "book");
  fs.cpSync("rulebook", book, { recursive: true });
  const server = await serve("rules.db", ["--rulebook", book]);
  const before = (await server.ask("POST", "/v1/check", { platform: "tmall", text: "您好" })).json.rulebook;
  const file = path.join(book, "tmall", fs.readdirSync(path.join(book, "tmall")).find((name) => name.endsWith(".yaml")));
  const text = fs.readFileSync(file, "utf8");
  fs.writeFileSync(file, `${text}\nthis: [is, {broken\n`);
  server.child.kill("SIGHUP");
  await sleep(2500);
  const kept = (await server.ask("POST", "/v1/check", { platform: "tmall", text: "您好" })).json.rulebook;
  ok("a broken rulebook changes nothing", kept === before, `${before} ${kept}`);
  ok("and its errors are told with their place", server.log().includes(path.basename(file)), server.log().slice(-300));
  fs.writeFileSync(file, `${text}\n# the same, said at more length\n`);
  const asking = Array.from({ length: 400 }, async (_, i) => { await sleep(i * 5); return server.ask("POST", "/v1/check", { platform: "tmall", text: "您好" }); });
  await server.ask("POST", "/v1/events", said("在吗", { source: "/tmall/r1", id: "r1" }));
  server.child.kill("SIGHUP");
  const answers = await Promise.all(asking);
  const after = (await server.ask("POST", "/v1/check", { platform: "tmall", text: "您好" })).json.rulebook;
  ok("a good one is in force", after !== before, after);
  ok("while it changes every request is answered, by the one or the other", answers.every((answer) => answer.status === 200 && [before, after].includes(answer.json.rulebook)));
  const later = await server.ask("POST", "/v1/events", said("在的亲", { source: "/tmall/r1", sender: "agent", id: "r2" }));
  ok("events go on", later.json?.status === "applied", later.text.slice(0, 200));
  await server.stop();
  const hashes = spawnSync("sqlite3", [server.db, "SELECT r.hash FROM event e JOIN rulebook r ON r.id = e.rulebook WHERE e.id IN ('r1', 'r2') ORDER BY e.id"], { encoding: "utf8" }).stdout.trim().split("\n");
  ok("the log names the rulebook of each event", hashes.length === 2 && hashes[0] === before && hashes[1] === after, hashes.join(" "));
};

main(async () => {
  const server = await serve("events.db");
  if (!ok("the server starts", server.port > 0, server.log())) return;
  await modes(server);
  await checks(server);
  const admin = token(server.db, "admin", "--role", "admin");
  await sleep(1300);
  await repeated(server, admin);
  await listeners(server, admin);
  await masked(server, admin);
  await pushed(server, admin);
  await server.stop();
  await remembered();
  await rules();
});
