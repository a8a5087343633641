// Events in every mode, answered the same twice; repeated requests; listeners that may not listen any more; masks; a
// rulebook that changes while the server runs.
const { as, main, ok, said, event, eventually, serve, sleep, until, token, folder, fs, path } = require("./server_lib.js");
const { spawnSync } = require("child_process");
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
  for (const [sent, id] of [["100%", "100%"], ["a b", "a b"], ['"quoted \\"id\\" %41"', 'quoted "id" A'], ["Euro%20%E2%82%AC", "Euro €"]]) {
    const odd = await server.ask("POST", "/v1/events", data, { ...headers, "ce-id": sent });
    ok(`binary: the id ${sent}`, odd.json?.status === "applied" && odd.json.id === id, odd.text.slice(0, 200));
  }
  const more = await server.ask("POST", "/v1/events", `${JSON.stringify(data)},"more":1`, { ...headers, "ce-id": "more" });
  ok("binary: the data is no way to write the event around it", more.status === 400, more.text.slice(0, 200));
  const wrong = await server.ask("POST", "/v1/events", event("order.created", { order_id: "O1" }));
  ok("out of contract: 422, and what to do", wrong.status === 422 && wrong.json.detail.length > 10, wrong.text);
  const english = await server.ask("POST", "/v1/events", "{", { "Accept-Language": "en-GB,en" });
  ok("problems in the caller's language", english.status === 400 && english.json?.title === "Bad request" && english.headers["content-language"] === "en", english.text);
  const kind = event("aftersale.created", { aftersale_id: "A1", order_id: "O1", buyer_id: "b1", kind: "none", reason: "quality", amount_fen: 1 });
  for (const [target, body] of [["/v1/events", event("order.paid", { order_id: "O1" })], ["/v1/events", event("order.payd", {})], ["/v1/events", kind],
    ["/v1/events", { ...said("在吗"), source: "/none/s1" }], ["/v1/events", { ...said("在吗"), time: "soon" }], ["/v1/events", "{\"a\":01}"],
    ["/v1/events", [event("order.paid", { order_id: 5, paid_fen: 1 })]], ["/v1/check", { platform: "pdd" }], ["/v1/check", { platform: "none", text: "x" }],
    ["/v1/check", { platform: "pdd", text: 5 }], ["/v1/check", { platform: "pdd", text: "x", sender: "king" }], ["/v1/check/batch", [{ platform: "pdd" }]],
    ["/v1/ingest/pdd", "no JSON"], ["/v1/ingest/taobao", { topic: "taobao_trade_TradeBuyerPay", content: "{}" }]]) {
    for (const lang of ["zh", "en"]) {
      const { json, text } = await server.ask("POST", target, body, { "Accept-Language": lang });
      const reason = json?.detail || json?.results?.[0].why || json?.[0]?.error.message || json?.besides?.[0].why;
      ok(`why ${target} is refused is told in ${lang}`, reason && /[\u4e00-\u9fff]/.test(reason) === (lang === "zh"), text.slice(0, 200));
    }
  }
  const hence = (hours, id) => ({ ...said("在吗", { id, source: "/tmall/ahead" }), time: new Date(Date.now() + hours * 3600e3).toISOString() });
  const late = [hence(25, "f1"), { ...hence(0, "f2"), time: "9999-12-31T00:00:00Z" }, hence(23, "f3"), hence(0, "f4")];
  const ahead = (await server.ask("POST", "/v1/events", late, { "Accept-Language": "zh" })).json?.results || [];
  ok("an event from the future is refused, by more than the allowed day", ahead.map((one) => one.status).join() === "refused,refused,applied,applied" &&
    /服务器时钟快 \d+ 秒/.test(ahead[0].why), JSON.stringify(ahead).slice(0, 300));
  const quoted = await server.ask("POST", "/v1/ingest/taobao", { topic: "taobao_trade_TradeBuyerPay", user_nick: "n", id: 1, pub_time: "电话13800138000", content: "{\"tid\":1}" });
  ok("why it is refused quotes no phone", quoted.status === 422 && /138\*+8000/.test(quoted.text) && !/13800138000/.test(quoted.text), quoted.text);
  const spaced = await server.ask("POST", "/v1/events", `${JSON.stringify(said("在吗", { id: "l3" }))} \t\r\n  \r\n \n`, { "Content-Type": "application/ndjson" });
  ok("lines of blanks are no events", spaced.json?.applied === 1 && spaced.json.refused === 0, spaced.text.slice(0, 300));
  const extra = said("在吗", { id: "extra" });
  extra.data = { ...extra.data, colour: "red", "a,b": [] };
  const kept = await server.ask("POST", "/v1/events", extra);
  ok("fields that the contract does not have are told", kept.json?.ignored?.join("|") === "colour|a,b", kept.text.slice(0, 300));
  const plain = await server.ask("POST", "/v1/events", said("在吗", { id: "plain" }));
  ok("where there are none, none are", plain.json?.status === "applied" && plain.json.ignored === undefined, plain.text.slice(0, 300));
  const several = await server.ask("POST", "/v1/events", [said("在吗")], { "Content-Type": "application/cloudevents+json" });
  ok("structured mode is one event", several.status === 400, several.text);
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
  const text = (await with_memory.ask("GET", "/metrics")).text, of = 'route="/v1/check"';
  const buckets = text.split("\n").filter((line) => line.startsWith("guiju_http_request_duration_seconds_bucket") && line.includes(of)).map((line) => Number(line.split(" ")[1]));
  const [count, sum] = ["count", "sum"].map((what) => Number(text.match(new RegExp(`guiju_http_request_duration_seconds_${what}\\{[^}]*${of}\\} (\\S+)`))[1]));
  ok("how long checks took is told as a histogram", buckets.length === 14 && buckets.every((n, i) => i === 0 || n >= buckets[i - 1]) &&
    buckets.at(-1) === count && count === 3 * messages.length && sum > 0 && sum < 60, JSON.stringify([buckets, count, sum]));
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
  const resend = (query) => server.ask("POST", `/v1/webhooks/${first.json.id}/resend${query}`, undefined, { ...as(admin), "Idempotency-Key": "k2" });
  const [one, two, all] = [await resend("?delivery=5"), await resend("?delivery=6"), await resend("")];
  ok("nor for one with another query", one.status === 404 && two.status === 422 && all.status === 422, all.text);
};

const forgotten = async () => {
  let server = await serve("keys.db");
  const post = async () => (await server.ask("POST", "/v1/webhooks", { url: "https://example.com/hook" }, { "Idempotency-Key": "k" })).json.id;
  const first = await post(), again = await post();
  await server.stop();
  spawnSync("sqlite3", [`${server.db}.office`, "UPDATE answer SET at = at - 90000000000"]);
  server = await serve("keys.db");
  const later = await eventually(post, (id) => id !== first);
  ok("after a day a key is new", first === again && later !== undefined && later !== first, `${first} ${again} ${later}`);
  await server.stop();
};

const listeners = async (server, admin) => {
  const http = require("http");
  const secret = token(server.db, "ear", "--role", "supervisor"), shop = token(server.db, "shop", "--role", "supervisor", "--shop", "/pdd/mine");
  await server.knows(secret, shop);
  const listen = (who, headers = {}) => {
    const heard = { text: "", ended: false };
    http.get({ host: "127.0.0.1", port: server.port, path: "/v1/stream", headers: { ...as(who), ...headers } }, (answer) => {
      heard.status = answer.statusCode;
      answer.on("data", (part) => (heard.text += part));
      answer.on("end", () => (heard.ended = true));
    }).on("error", () => (heard.ended = true));
    return heard;
  };
  const all = listen(secret), own = listen(shop), ahead = listen(secret, { "Last-Event-ID": "999999999" });
  const odd = await server.ask("GET", "/v1/stream", undefined, { ...as(secret), "Last-Event-ID": "first" });
  ok("a Last-Event-ID that is no number is refused", odd.status === 400, odd.text);
  await until(() => [all, own, ahead].every((heard) => heard.status === 200));
  await server.ask("POST", "/v1/events", [said("加我微信 vx12345678", { sender: "agent", source: "/pdd/mine" }), said("加我微信 vx12345678", { sender: "agent", source: "/pdd/theirs" })], as(admin));
  await server.ask("POST", "/v1/ingest/taobao", { topic: "nowhere", user_nick: "n", id: 1, pub_time: "2026-03-01 10:00:00", content: "{\"shop\":\"secret\"}" }, as(admin));
  await until(() => /ingest\.\w+/.test(all.text) && [own, ahead].every((heard) => /\/pdd\/mine/.test(heard.text)));
  await sleep(300); // what is not for him would come now
  ok("what was pushed for no known shop is told, but not to who is for some shops alone", /ingest\.\w+/.test(all.text) && !/ingest\.\w+/.test(own.text), own.text.slice(-300));
  ok("a listener hears of all his shops", /\/pdd\/mine/.test(all.text) && /\/pdd\/theirs/.test(all.text));
  ok("one beyond the last notice means from now on", /\/pdd\/mine/.test(ahead.text), ahead.text.slice(0, 200));
  ok("and of no other", /\/pdd\/mine/.test(own.text) && !/\/pdd\/theirs/.test(own.text), own.text.slice(0, 200));
  spawnSync(`${process.env.GJ_BUILD}/guiju`, ["token", "revoke", secret.split("_")[1], "--db", server.db]);
  await until(() => all.ended);
  ok("whose token is revoked is let go", all.ended && !own.ended, `${all.ended} ${own.ended}`);
};

// More than is read at once: he is let go and comes again until he has all of it, whatever he listens to.
const much_missed = async () => {
  const http = require("http"), before = await serve("missed.db"), many = 2000;
  const lines = Array.from({ length: many }, (_, i) => JSON.stringify(said("加我微信 vx12345678", { sender: "agent", session: `M${i}` })));
  const sent = await before.ask("POST", "/v1/events", lines.join("\n"), { "Content-Type": "application/x-ndjson" });
  await before.stop();
  const server = await serve("missed.db");
  const listen = (seen, types) => new Promise((done) => {
    const request = http.get({ host: "127.0.0.1", port: server.port, path: `/v1/stream${types}`, headers: { "Last-Event-ID": String(seen.at(-1)) } }, (answer) => {
      let text = "";
      const note = () => { seen.push(...[...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))); done(text.length); };
      const idle = setTimeout(() => { note(); request.destroy(); }, 2500);
      answer.on("data", (part) => { text += part; idle.refresh(); });
      answer.on("end", () => { clearTimeout(idle); note(); });
      answer.on("error", () => {});
    }).on("error", () => {});
  });
  const all = [0], none = [0];
  setTimeout(() => server.ask("POST", "/v1/events", said("加我微信 vx12345678", { sender: "agent", session: "M" })), 1000);
  for (let i = 0; i < 3; i++) await Promise.all([listen(all, ""), listen(none, "?types=ingest")]);
  const last = all.at(-1), missing = all.findIndex((seq, i) => seq > all[Math.max(0, i - 1)] + 1);
  ok("whoever has missed very much hears all of it", sent.json?.applied === many && last > 10000 && missing === -1, `${last}, ${all.slice(missing - 1, missing + 1)}, ${sent.text.slice(0, 100)}`);
  ok("and whoever wants none of it comes past it", none.at(-1) >= 10000 && none.length < 10, none.slice(-3));
  await server.stop();
};

// A file of settings is read whole or refused: never a part of it, and never nothing without a word.
const settings = async () => {
  const start = (file) => spawnSync(path.join(process.env.GJ_BUILD, "guiju-serve"), ["--config", file], { encoding: "utf8", timeout: 10000 });
  const folded = start(folder);
  ok("a folder is no file of settings", folded.status === 2 && /directory/i.test(folded.stderr), folded.stderr.slice(0, 200));
  const file = path.join(folder, "long.conf"), long = "x".repeat(3000);
  fs.writeFileSync(file, `# ${long}\napplication = pdd key ${long}\ndb =\n`);
  const empty = start(file);
  ok("long lines are read whole, and a database without a name is refused", empty.status === 2 && /a setting is empty/.test(empty.stderr), empty.stderr.slice(0, 200));
  fs.writeFileSync(file, "listen = 127.0.0.1:\n");
  const portless = start(file);
  ok("and that a port is missing", portless.status === 2 && /a port is a number/.test(portless.stderr), portless.stderr.slice(0, 200));
  fs.writeFileSync(file, "application = pdd key secret\napplication = pdd other secret acme\n");
  const twice = start(file);
  ok("that a platform has two applications is told", twice.status === 2 && /one application of pdd/.test(twice.stderr), twice.stderr.slice(0, 200));
  fs.writeFileSync(file, `rulebook = rulebook\ndb = ${path.join(folder, "apps.db")}\nlisten = 127.0.0.1:0\napplication = pdd key secret acme\n`);
  const nobody = start(file);
  ok("and that an application is of no tenant", nobody.status === 2 && /there is no tenant acme/.test(nobody.stderr), nobody.stderr.slice(0, 200));
  fs.writeFileSync(file, Array.from({ length: 17 }, (_, i) => `application = p${i} key secret\n`).join(""));
  const crowded = start(file);
  ok("that there are too many applications is told", crowded.status === 2 && /at most 16/.test(crowded.stderr), crowded.stderr.slice(0, 200));
};

const masked = async (server, admin) => {
  const inspector = token(server.db, "inspector", "--role", "inspector"), auditor = token(server.db, "auditor", "--role", "auditor");
  await server.knows(inspector, auditor);
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
  const odd = await server.ask("POST", "/v1/events", { ...said("在吗"), type: "13812345678" }, as(admin));
  ok("a refusal quotes it masked", odd.status === 422 && odd.text.includes("138****5678") && !odd.text.includes("13812345678"), odd.text);
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
  await until(() => server.log().includes(path.basename(file)));
  const kept = (await server.ask("POST", "/v1/check", { platform: "tmall", text: "您好" })).json.rulebook;
  ok("a broken rulebook changes nothing", kept === before, `${before} ${kept}`);
  ok("and its errors are told with their place", server.log().includes(path.basename(file)), server.log().slice(-300));
  fs.writeFileSync(file, `${text}\n# the same, said at more length\n`);
  const asking = Array.from({ length: 400 }, async (_, i) => { await sleep(i * 5); return server.ask("POST", "/v1/check", { platform: "tmall", text: "您好" }); });
  await server.ask("POST", "/v1/events", said("在吗", { source: "/tmall/r1", id: "r1" }));
  server.child.kill("SIGHUP");
  const answers = await Promise.all(asking);
  let after = before;
  for (let i = 0; i < 100 && after === before; i++) {
    after = (await server.ask("POST", "/v1/check", { platform: "tmall", text: "您好" })).json.rulebook;
    await sleep(100);
  }
  ok("a good one is in force", after !== before, after);
  ok("while it changes every request is answered, by the one or the other", answers.every((answer) => answer.status === 200 && [before, after].includes(answer.json.rulebook)));
  const later = await server.ask("POST", "/v1/events", said("在的亲", { source: "/tmall/r1", sender: "agent", id: "r2" }));
  ok("events go on", later.json?.status === "applied", later.text.slice(0, 200));
  await server.stop();
  const hashes = spawnSync("sqlite3", [server.db, "SELECT r.hash FROM event e JOIN rulebook r ON r.id = e.rulebook WHERE e.id IN ('r1', 'r2') ORDER BY e.id"], { encoding: "utf8" }).stdout.trim().split("\n");
  ok("the log names the rulebook of each event", hashes.length === 2 && hashes[0] === before && hashes[1] === after, hashes.join(" "));
};

// Loaded anew while another one is being put in force: what was answered is what holds.
const changing = async () => {
  const server = await serve("changing.db", ["--cache", ""]), wrong = [];
  const post = (body) => server.ask("POST", "/v1/rulebook", body);
  const begun = Date.now();
  await post({ reload: true });
  const load = Date.now() - begun;
  for (const part of [0.4, 0.5, 0.6]) {
    const answer = post({ files: { "zz.yaml": `# ${part}\n` } });
    await sleep(load * part);
    server.child.kill("SIGHUP");
    const { hash } = (await answer).json;
    await sleep(load + 1500);
    const now = (await server.ask("GET", "/v1/rulebook")).json.hash;
    if (now !== hash) wrong.push(`${part}: ${hash} ${now}`);
  }
  ok("SIGHUP does not bring back the rulebook before", wrong.length === 0, wrong);
  await server.stop();
};

main(async () => {
  const server = await serve("events.db");
  if (!ok("the server starts", server.port > 0, server.log())) return;
  await modes(server);
  await checks(server);
  const admin = token(server.db, "admin", "--role", "admin");
  await server.knows(admin);
  await repeated(server, admin);
  await listeners(server, admin);
  await forgotten();
  await much_missed();
  await settings();
  await masked(server, admin);
  await pushed(server, admin);
  await server.stop();
  await remembered();
  await rules();
  await changing();
});
