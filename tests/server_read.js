// What the server reads, decides and changes over HTTP, against a running server: every route of /openapi.json is
// asked and its answer held against the schema there; pages walk all rows once while events come in; who may see what.
const { event, fs, main, ok, serve, token } = require("./server_lib.js");

// ---- a JSON Schema validator of the words that the document uses ----
const kinds = { object: (v) => v !== null && typeof v === "object" && !Array.isArray(v), array: Array.isArray,
  string: (v) => typeof v === "string", integer: Number.isInteger, boolean: (v) => typeof v === "boolean", null: (v) => v === null };
const known = new Set(["type", "required", "properties", "items", "enum", "const", "oneOf", "format", "minimum", "maximum",
  "default", "additionalProperties", "maxLength", "$ref"]);
const complaints = (schema, value, at = "") => {
  const strange = Object.keys(schema).filter((word) => !known.has(word));
  if (strange.length) return [`${at}: the schema says ${strange}`];
  if (schema.oneOf) return schema.oneOf.filter((s) => !complaints(s, value, at).length).length === 1 ? [] : [`${at}: not one of`];
  const types = [].concat(schema.type || []);
  if (types.length && !types.some((type) => kinds[type](value))) return [`${at}: ${JSON.stringify(value)} is no ${types}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${value} is none of ${schema.enum}`];
  if ("const" in schema && schema.const !== value) return [`${at}: ${value}`];
  if (schema.format === "date-time" && Number.isNaN(Date.parse(value))) return [`${at}: ${value} is no time`];
  if (kinds.array(value)) return value.flatMap((v, i) => (schema.items ? complaints(schema.items, v, `${at}[${i}]`) : []));
  if (!kinds.object(value)) return [];
  return (schema.required || []).filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`)
    .concat(Object.entries(value).flatMap(([name, v]) => (schema.properties && schema.properties[name]
      ? complaints(schema.properties[name], v, `${at}.${name}`) : [])));
};

// All members that an answer shows, so that what the schema leaves out is found too.
const untold = (schema, value, at = "") => {
  if (kinds.array(value)) return value.flatMap((v) => (schema.items ? untold(schema.items, v, `${at}[]`) : []));
  if (!kinds.object(value) || !schema.properties) return [];
  return Object.entries(value).flatMap(([name, v]) => (schema.properties[name] ? untold(schema.properties[name], v, `${at}.${name}`) : [`${at}.${name}`]));
};

const walk = async (server, target, between = async () => {}, headers = {}) => {
  const items = [];
  for (let cursor = ""; ;) {
    const page = await server.ask("GET", `${target}${cursor}`, undefined, headers);
    if (page.status !== 200) return { status: page.status, items };
    items.push(...page.json.items);
    if (page.json.next === null) return { status: 200, items };
    cursor = `${target.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(page.json.next)}`;
    await between(items.length);
  }
};
const key = (item) => JSON.stringify([item.source, item.kind, item.id, item.flow, item.name, item.metric, item.from, item.rule, item.subject]);
const order = (n, source = "/taobao/s2", time = new Date()) => event("order.created", { order_id: `N${n}`, buyer_id: "b1",
  goods_fen: 100, freight_fen: 0, lines: [{ line_id: "L1", product_id: "p1", quantity: 1, price_fen: 100 }] }, { source, time });
const en = { "Accept-Language": "en" };

// ---- the document ----
const document = async (server) => {
  const { json: api } = await server.ask("GET", "/openapi.json");
  const finding = (await server.ask("GET", "/v1/findings?limit=1")).json.items[0];
  const values = { kind: "order", id: "O1" };
  const own = { "/v1/rules/{id}": "any.conduct.insult", "/v1/events/{id}": "e22", "/v1/findings/{id}": finding.id,
    "/v1/flows/{id}.svg": "pdd.exchange", "/v1/flows/{id}.mmd": "pdd.exchange" };
  const elsewhere = ["/v1/stream", "/v1/webhooks/{id}", "/v1/webhooks/{id}/deliveries"]; // have tests of their own
  for (const [path, methods] of Object.entries(api.paths)) {
    if (!methods.get || elsewhere.includes(path)) continue;
    const target = path.replace(/\{(\w+)\}/g, (_, name) => (own[path] && name === "id" ? own[path] : values[name]))
      + (path.match(/entities\/.*id|events\//) ? "?shop=/douyin/s5" : "");
    const answer = await server.ask("GET", target, undefined, en);
    const content = methods.get.responses["200"].content, [type] = Object.keys(content);
    ok(`GET ${path} answers 200`, answer.status === 200, `${answer.status} ${answer.text.slice(0, 200)}`);
    ok(`GET ${path} is ${type}`, (answer.headers["content-type"] || "").startsWith(type.split(";")[0]), answer.headers["content-type"]);
    if (type !== "application/json") continue;
    const wrong = complaints(content[type].schema, answer.json);
    ok(`GET ${path} answers as described`, wrong.length === 0, wrong.slice(0, 3));
    const more = content[type].schema.properties ? untold(content[type].schema, answer.json) : [];
    ok(`GET ${path} answers no more than described`, more.length === 0, [...new Set(more)].slice(0, 5));
  }
  return api;
};

// ---- languages, by weight ----
const languages = async (server) => {
  for (const [accepted, wanted] of [["en", "en"], ["EN-gb", "en"], ["fr, en;q=0.8", "en"], ["en;q=0.1, zh;q=0.9", "zh-CN"],
    ["zh;q=0, en", "en"], ["en;q=0", "zh-CN"], ["*", "zh-CN"], ["en;q=0.5, *", "zh-CN"], ["de", "zh-CN"], ["english", "zh-CN"], [",;q=", "zh-CN"]]) {
    const answer = await server.ask("GET", "/none", undefined, { "Accept-Language": accepted });
    ok(`${accepted} is answered in ${wanted}`, answer.headers["content-language"] === wanted &&
      /[\u4e00-\u9fff]/.test(answer.json.detail) === (wanted === "zh-CN"), answer.text);
  }
};

// ---- spans of time ----
const spans = async (server) => {
  const all = (await walk(server, "/v1/deadlines?limit=1000")).items.length;
  for (const span of ["2h", "1h30m", "7d", "1d12h", "P7D", "PT48H"]) {
    const answer = await server.ask("GET", `/v1/deadlines?within=${span}&limit=1000`);
    ok(`within ${span}`, answer.status === 200 && answer.json.items.length <= all, answer.text.slice(0, 200));
  }
  for (const span of ["", "7", "-2h", "d", "7d2d", "P1M", "123456d", "x"]) {
    ok(`'${span}' is no span`, (await server.ask("GET", `/v1/deadlines?within=${span}`)).status === 400);
  }
};

// ---- the query ----
// What is not described is refused: a filter that is misspelt would let all through.
const queries = async (server) => {
  for (const [target, told] of [["/v1/findings?Limit=1", "shop, from, to, agent, rule, limit, cursor"], ["/v1/findings?limit=1&limit=2", "limit"],
    ["/v1/findings?shops=/pdd/s1", "shops"], ["/v1/rules?l%69mit=1", "limit"], ["/v1/scripts?kind=rule", "situation"], ["/v1/me?x", "x"],
    ["/v1/rules?kind=nonesuch", "guidance"], ["/v1/rules?kind=", "guidance"], ["/v1/rules?limit=+5", "1000"], ["/v1/rules?limit=%205", "1000"],
    ["/v1/rules?limit=--5", "1000"], ["/v1/metrics?history=367", "366"], ["/v1/webhooks/none/deliveries?state=", "dead"]]) {
    const answer = await server.ask("GET", target, undefined, en);
    ok(`${target} is refused`, answer.status === 400 && answer.json.detail.includes(told), `${answer.status} ${answer.text.slice(0, 200)}`);
  }
  const resend = await server.ask("POST", "/v1/webhooks/none/resend?deliveri=9", undefined, en);
  ok("nothing is done by a parameter that is misspelt", resend.status === 400 && resend.json.detail.includes("delivery"), resend.text);
  for (const target of ["/v1/rules?", "/healthz?t=1", "/readyz?t=1", "/openapi.json?t=1"]) {
    ok(`${target} is answered`, (await server.ask("GET", target)).status === 200);
  }
  const { json: api } = await server.ask("GET", "/openapi.json");
  ok("bodies that may be left out are described so", ["/v1/rulebook", "/v1/rulebook/backtest", "/v1/webhooks/{id}/rotate"]
    .every((path) => api.paths[path].post.requestBody.required === false) && api.paths["/v1/check"].post.requestBody.required === true);
};

// ---- pages ----
// A cursor that somebody has changed is none.
const cursors = async (server) => {
  for (const target of ["/v1/entities/order?limit=2", "/v1/findings?limit=2", "/v1/rules?limit=2"]) {
    const { next } = (await server.ask("GET", target)).json;
    const taken = [];
    for (let i = 0; i < next.length; i++) {
      const other = next.slice(0, i) + (next[i] === "A" ? "B" : "A") + next.slice(i + 1);
      const answer = await server.ask("GET", `${target}&cursor=${other}`);
      if (answer.status !== 400 && i < next.length - 1) taken.push(other); // the last character has idle bits
    }
    ok(`${target}: a changed cursor is refused`, taken.length === 0, taken[0]);
  }
};

const pages = async (server) => {
  let n = 0;
  const add = async () => { await server.ask("POST", "/v1/events", order(++n)); };
  for (const target of ["/v1/entities/order?limit=7", "/v1/findings?limit=9", "/v1/ledger?limit=11", "/v1/deadlines?limit=3",
    "/v1/rules?limit=50", "/v1/metrics?limit=1&history=3", "/v1/shops?limit=1"]) {
    const before = await walk(server, target.replace(/limit=\d+/, "limit=1000"));
    const walked = await walk(server, target, add);
    const unique = new Set(walked.items.map(key));
    ok(`${target}: nothing twice`, target.includes("ledger") || unique.size === walked.items.length, `${walked.items.length - unique.size} repeated`);
    ok(`${target}: nothing left out`, before.items.length > 0 && before.items.every((item) => unique.has(key(item))), before.items.length);
  }
  const ids = (await walk(server, "/v1/ledger?limit=10")).items.map((item) => item.id);
  ok("a ledger row is told once", new Set(ids).size === ids.length && ids.length > 10);
  const due = (await walk(server, "/v1/deadlines?limit=2")).items.map((item) => Date.parse(item.at));
  ok("deadlines come by time", due.length > 2 && due.every((at, i) => i === 0 || due[i - 1] <= at));
  const soon = await server.ask("GET", "/v1/deadlines?within=1s");
  ok("within= bounds them", soon.json.items.length === 0 && due.length > 0, soon.text);
};

// ---- languages, problems, caching ----
const manners = async (server) => {
  const zh = (await server.ask("GET", "/v1/rules/any.conduct.insult")).json, english = (await server.ask("GET", "/v1/rules/any.conduct.insult", undefined, en)).json;
  ok("titles follow Accept-Language", /[一-龥]/.test(zh.title) && /^[\x20-\x7e]+$/.test(english.title), english.title);
  const told = async (headers) => (await server.ask("GET", "/v1/findings?limit=1000", undefined, headers)).json.items.map((item) => item.because);
  const [reasons, because] = [await told({ "Accept-Language": "zh" }), await told(en)];
  ok("so does why something was found", reasons.length > 0 && reasons.length === because.length && reasons.every((one) => /[一-龥]/.test(one)) &&
    because.every((one) => one && !/[一-龥]/.test(one)), [...new Set(because)].filter((one) => !one || /[一-龥]/.test(one)).slice(0, 3));
  ok("files of rules are told within the rulebook", english.file === "any/conduct.yaml", english.file);
  for (const [target, status] of [["/v1/shops?limit=0", 400], ["/v1/shops?limit=1001", 400], ["/v1/shops?limit=x", 400],
    ["/v1/shops?cursor=x", 400], ["/v1/shops?cursor=!!", 400], ["/v1/metrics?day=soon", 400], ["/v1/ledger?from=soon", 400],
    ["/v1/deadlines?within=soon", 400], ["/v1/rules?platform=ebay", 400], ["/v1/entities/order/O1", 400],
    ["/v1/entities/order/none", 404], ["/v1/entities/none/O1", 404], ["/v1/entities/none", 404], ["/v1/events/none", 404], ["/v1/rules/none", 404],
    ["/v1/flows/none.svg", 404], ["/v1/flows/none.mmd", 404], ["/v1/flows/..%2f..%2fetc.svg", 404], ["/v1/findings/0", 404],
    ["/v1/findings/9999999", 404], ["/v1/findings/1x", 404], ["/v1/ledger?shop=none", 404], ["/v1/none", 404]]) {
    const a = await server.ask("GET", target), b = await server.ask("GET", target, undefined, en);
    ok(`GET ${target}: ${status}`, a.status === status && b.status === status && a.json.status === status, `${a.status} ${a.text}`);
    ok(`GET ${target}: a problem in both languages`, a.headers["content-type"] === "application/problem+json" && /[一-龥]/.test(a.json.detail) && !/[一-龥]/.test(b.json.detail), b.text);
  }
  const cursor = (await server.ask("GET", "/v1/entities/order?limit=1")).json.next;
  ok("a cursor of another list is refused", (await server.ask("GET", `/v1/ledger?cursor=${cursor}`)).status === 400);
  const wrong = await server.ask("DELETE", "/v1/findings");
  ok("another method: 405", wrong.status === 405 && wrong.headers.allow === "GET", wrong.headers.allow);
  for (const target of ["/v1/rules", "/v1/scripts?situation=付款", "/v1/guidance?q=买家", "/v1/flows/pdd.exchange.svg", "/v1/flows/pdd.exchange.mmd"]) {
    const first = await server.ask("GET", encodeURI(target)), again = await server.ask("GET", encodeURI(target), undefined, { "If-None-Match": first.headers.etag });
    ok(`${target}: unchanged is 304`, first.status === 200 && again.status === 304 && again.text === "", `${first.status} ${again.status}`);
    const other = await server.ask("GET", encodeURI(target), undefined, { "If-None-Match": first.headers.etag, ...en });
    ok(`${target}: another language is not`, other.status === 200, other.status);
  }
  const scripts = (await server.ask("GET", encodeURI("/v1/scripts?situation=怎么付款"))).json.items;
  ok("scripts by situation", scripts.length > 0 && scripts.every((s) => s.kind === "script" && s.situation.includes("怎么付款")), scripts.length);
  const pdd = (await walk(server, "/v1/rules?platform=pdd&limit=1000")).items;
  ok("rules of a platform", pdd.length > 50 && pdd.every((r) => !/^(douyin|jd|tmall|taobao|kuaishou)\./.test(r.id)), pdd.length);
  const entity = (await server.ask("GET", "/v1/entities/order/O1?shop=/douyin/s5")).json;
  ok("an entity has its history", entity.id === "O1" && entity.history.length > 1 && entity.history[0].event === "e22");
};

// ---- who sees what ----
const people = async (server) => {
  const make = (name, ...args) => ({ Authorization: `Bearer ${token(server.db, name, ...args)}`, ...en });
  const admin = make("admin", "--role", "admin");
  await new Promise((done) => setTimeout(done, 1500)); // people are looked at once a second
  const one = make("one", "--role", "supervisor", "--shop", "/douyin/s5");
  await new Promise((done) => setTimeout(done, 1500));
  const get = (target, who) => server.ask("GET", target, undefined, who);
  ok("without a token: 401", (await server.ask("GET", "/v1/shops")).status === 401);
  const shops = (await get("/v1/shops", one)).json.items;
  ok("a token of one shop sees that one", shops.length === 1 && shops[0].source === "/douyin/s5");
  for (const list of ["findings", "ledger", "deadlines", "metrics", "measures", "entities/order"]) {
    const { items } = await walk(server, `/v1/${list}?limit=500`, undefined, one);
    ok(`its ${list} are that shop's`, items.every((item) => item.source === "/douyin/s5"));
    const hidden = await get(`/v1/${list}?shop=/tmall/s3`, one), none = await get(`/v1/${list}?shop=/tmall/s999`, one);
    ok(`${list}: a hidden shop is one that is not`, hidden.status === 404 && hidden.text === none.text, hidden.text);
  }
  const all = (await walk(server, "/v1/findings?limit=1000", undefined, admin)).items;
  const other = all.find((f) => f.source !== "/douyin/s5"), own = all.find((f) => f.source === "/douyin/s5" && f.agent_id && !f.withdrawn);
  const hidden = await get(`/v1/findings/${other.id}`, one), none = await get("/v1/findings/9999999", one);
  ok("a hidden finding is one that is not", hidden.status === 404 && hidden.text === none.text);
  const ruled = await server.ask("POST", `/v1/findings/${other.id}/review`, { verdict: "confirmed" }, one);
  ok("nor can it be reviewed", ruled.status === 404, ruled.status);
  for (const target of ["/v1/entities/order/O1?shop=/tmall/s3", "/v1/events/e22?shop=/tmall/s3"]) {
    const a = await get(target, one), b = await get(target.replace("s3", "s999"), one);
    ok(`${target}: hidden`, a.status === 404 && a.text === b.text);
  }
  const change = await server.ask("POST", "/v1/rulebook", "", one);
  ok("a supervisor changes no rulebook", change.status === 403);

  const clerk = make("clerk", "--role", "agent", "--agent", own.agent_id, "--shop", "/douyin/s5"), nobody = make("nobody", "--role", "agent");
  const inspector = make("inspector", "--role", "inspector");
  await new Promise((done) => setTimeout(done, 1500));
  const seen = (await walk(server, "/v1/findings?limit=1000", undefined, clerk)).items;
  ok("an agent sees his own findings", seen.length > 0 && seen.every((f) => f.agent_id === own.agent_id && f.source === "/douyin/s5"), seen.length);
  ok("an agent who is nobody sees none", (await walk(server, "/v1/findings?limit=1000", undefined, nobody)).items.length === 0);
  ok("an agent reads no ledger", (await get("/v1/ledger", clerk)).status === 403);
  return { admin, one, clerk, inspector, own };
};

// ---- reviews ----
const reviews = async (server, api, { admin, one, clerk, inspector, own }) => {
  const act = (what, body, who) => server.ask("POST", `/v1/findings/${own.id}/${what}`, body, who);
  const is = (name, answer, status, state) => ok(name, answer.status === status && (!state || answer.json.state === state), `${answer.status} ${answer.text}`);
  is("a verdict that is none", await act("review", { verdict: "maybe" }, inspector), 422);
  is("an agent reviews nothing", await act("review", { verdict: "confirmed" }, clerk), 403);
  const reviewed = await act("review", { verdict: "confirmed", note: "as I see it" }, inspector);
  is("a review", reviewed, 200, "open");
  const wrong = complaints(api.paths["/v1/findings/{id}/review"].post.responses["200"].content["application/json"].schema, reviewed.json);
  ok("a review is answered as described", wrong.length === 0, wrong);
  is("nothing to decide yet", await act("decide", { outcome: "upheld" }, one), 409);
  is("an appeal needs reasons", await act("appeal", {}, clerk), 422);
  is("an inspector appeals not", await act("appeal", { reasons: "x" }, inspector), 403);
  is("an appeal", await act("appeal", { reasons: "the buyer had left" }, clerk), 200, "appealed");
  is("a second appeal", await act("appeal", { reasons: "again" }, clerk), 409);
  is("an agent decides not", await act("decide", { outcome: "overturned" }, clerk), 403);
  is("overturned has no amount", await act("decide", { outcome: "overturned", amount_fen: 1 }, one), 422);
  const before = (await walk(server, "/v1/ledger?limit=1000&shop=s5", undefined, admin)).items.length;
  const both = await Promise.all([1, 2, 3].map(() => act("decide", { outcome: "upheld", amount_fen: 700, note: "seen" }, one)));
  ok("of several decisions one holds", both.map((a) => a.status).sort().join() === "200,409,409", both.map((a) => a.status));
  is("decided", await server.ask("GET", `/v1/findings/${own.id}`, undefined, clerk), 200, "decided");
  is("no review behind it", await act("review", { verdict: "dismissed" }, inspector), 409);
  const rows = (await walk(server, "/v1/ledger?limit=1000&shop=s5", undefined, admin)).items.slice(before);
  ok("the ruling is booked once", rows.length === 2 && rows.reduce((sum, row) => sum + row.amount, 0) === 0, JSON.stringify(rows));
  // what the clock has booked for it and what the decision says are one matter: in the end it costs what was decided
  const whole = (await walk(server, "/v1/ledger?limit=1000&shop=s5", undefined, admin)).items;
  const head = `${own.rule}/${own.subject.kind}:${own.subject.id}/`;
  const last = (list) => list.filter((row) => row.at === list.at(-1).at);
  const clock = last(whole.slice(0, before).filter((row) => row.entry.startsWith(head) && row.account.startsWith("agent:")));
  const paid = [...clock, ...rows.filter((row) => row.account.startsWith("agent:"))].reduce((sum, row) => sum - row.amount, 0);
  ok("and costs what was decided", paid === 700, JSON.stringify(rows));
  const { said } = (await server.ask("GET", `/v1/findings/${own.id}`, undefined, admin)).json;
  ok("author and time stand with it", said.map((s) => s.act).join() === "review,appeal,decide" && said.every((s) => s.by.startsWith("token:") && Date.parse(s.at)), JSON.stringify(said));
};

// ---- rulebooks ----
const rulebooks = async (server, api, { admin }) => {
  const post = (body, target = "/v1/rulebook") => server.ask("POST", target, body, admin);
  const hash = async () => (await server.ask("GET", "/v1/rulebook", undefined, admin)).json.hash;
  const first = await hash();
  for (const path of ["../x.yaml", "/x.yaml", "a/../x.yaml", "a//x.yaml", ".x.yaml", "a/.b/x.yaml", "x.yml", "x", "", "规则.yaml", "a\u0000.yaml"]) {
    const answer = await post({ files: { [path]: "x" } });
    ok(`no file ${JSON.stringify(path)}`, answer.status === 422 && (await hash()) === first, answer.text);
  }
  const clash = await post({ files: { "x.yaml": "x", "x.yaml/y.yaml": "y" } });
  ok("no folder where a file is", clash.status === 422 && (await hash()) === first, clash.text);
  const bad = await post({ files: { "pdd/bad.yaml": "rule: x.y\nwhen: hit(\n", "any/worse.yaml": "nothing: 1\n" } });
  const english = await server.ask("POST", "/v1/rulebook", { files: { "pdd/bad.yaml": "rule: x.y\nwhen: hit(\n", "any/worse.yaml": "nothing: 1\n" } }, { ...admin, ...en });
  const chinese = await server.ask("POST", "/v1/rulebook", { files: { "pdd/bad.yaml": "rule: x.y\nwhen: hit(\n", "any/worse.yaml": "nothing: 1\n" } }, { ...admin, "Accept-Language": "zh" });
  ok("in the caller's language", chinese.json.errors.every((e) => /[\u4e00-\u9fff]/.test(e.detail)) && english.json.errors.length === chinese.json.errors.length &&
    english.json.errors.every((e) => !/[\u4e00-\u9fff]/.test(e.detail)), chinese.text);
  ok("a bad rulebook: all errors with their places", bad.status === 422 && bad.json.type.endsWith("bad-rulebook") && bad.json.errors.length > 1
    && bad.json.errors.every((e) => e.line > 0 && e.column > 0 && ["pdd/bad.yaml", "any/worse.yaml"].includes(e.file)), bad.text);
  ok("a bad rulebook changes nothing", (await hash()) === first);
  const fines = fs.readFileSync("rulebook/params/shop.yaml", "utf8").replace(/(param: shop\.answer-fine-fen[\s\S]*?value: )2000/, "$13000");
  const files = { "params/shop.yaml": fines };
  const tried = await post({ files }, "/v1/rulebook/backtest");
  const wrong = complaints(api.paths["/v1/rulebook/backtest"].post.responses["200"].content["application/json"].schema, tried.json);
  ok("a backtest answers as described", tried.status === 200 && wrong.length === 0, `${tried.status} ${wrong} ${tried.text.slice(0, 200)}`);
  ok("a backtest tells what would be booked", tried.json.money.some((d) => d.rule === "shop.response.answer-5min" && d.after === d.before * 1.5)
    && tried.json.findings.length === 0, tried.text.slice(0, 400));
  const sooner = { "shop/conversation.yaml": fs.readFileSync("rulebook/shop/conversation.yaml", "utf8").replaceAll("string(shop.targets.reply_seconds)", "string(shop.targets.reply_seconds - 1)") };
  const moved = await post({ files: sooner }, "/v1/rulebook/backtest");
  const unlike = complaints(api.paths["/v1/rulebook/backtest"].post.responses["200"].content["application/json"].schema, moved.json);
  ok("findings that move are told one by one", moved.status === 200 && unlike.length === 0 && moved.json.findings.some((d) => d.after === 1 && d.subject.kind === "session")
    && moved.json.findings.filter((d) => d.after > d.before).length === moved.json.findings.filter((d) => d.after < d.before).length, `${unlike} ${moved.text.slice(0, 400)}`);
  ok("and changes nothing", (await hash()) === first && tried.json.rulebook.before === first && tried.json.rulebook.after !== first);
  ok("a folder of the server is no candidate", (await post({ dir: "/etc" }, "/v1/rulebook/backtest")).status === 422);
  const two = await Promise.all([post({ files }, "/v1/rulebook/backtest"), post({ files }, "/v1/rulebook/backtest"), server.ask("POST", "/v1/check", { platform: "pdd", text: "加微信" }, admin)]);
  ok("one backtest at a time", two.slice(0, 2).map((a) => a.status).sort().join() === "200,429", two.map((a) => a.status));
  ok("checks go on meanwhile", two[2].status === 200);
  const changed = await post({ files });
  ok("a good one is put in force", changed.status === 200 && changed.json.hash === tried.json.rulebook.after, changed.text);
  const rule = await server.ask("POST", "/v1/check", { platform: "pdd", text: "您好" }, admin);
  ok("checks follow it", rule.json.rulebook === changed.json.hash);
  ok("events too", (await server.ask("POST", "/v1/events", order(90001), admin)).json.status === "applied");
  ok("loaded anew it is the same", (await post("")).json.hash === changed.json.hash && (await post({ reload: true })).json.hash === changed.json.hash);
  // Of those before, the last five are kept: a rulebook that comes again is among the last.
  const kept = () => fs.readdirSync(`${server.db}.rulebooks`).filter((name) => /^[0-9a-f]{32}$/.test(name));
  const put = async (n) => (await post({ files: { "params/shop.yaml": fines.replace(/value: 3000/, `value: ${n}`) } })).json.hash;
  const hashes = [changed.json.hash];
  for (const n of [3001, 3002, 3003, 3001, 3004, 3005, 3006, 3007]) hashes.push(await put(n));
  ok("the rulebook in force and the last five are kept", kept().sort().join() === [...new Set(hashes.slice(-6))].sort().join(),
    `${kept()} of ${hashes}`);
  fs.writeFileSync(`${server.db}.rulebooks/current`, `${hashes.at(-1)}\n`); // as an editor leaves it
  fs.mkdirSync(`${server.db}.rulebooks/new-k111ed`);
  fs.writeFileSync(`${server.db}.rulebooks/new-k111ed/half.yaml`, "rule");
  return hashes.at(-1);
};

main(async () => {
  const server = await serve("read.db");
  const sent = await server.ask("POST", "/v1/events", fs.readFileSync("examples/shop-day.jsonl"), { "Content-Type": "application/x-ndjson" });
  ok("a day is taken", sent.status === 200 && sent.json.applied > 900, sent.text.slice(0, 200));
  for (let i = 0; i < 12; i++) await server.ask("POST", "/v1/events", order(`D${i}`, i % 2 ? "/taobao/s2" : "/tmall/s3"));
  await languages(server);
  await spans(server);
  await queries(server);
  await cursors(server);
  const api = await document(server);
  await pages(server);
  await manners(server);
  const who = await people(server);
  await reviews(server, api, who);
  const hash = await rulebooks(server, api, who);
  const left = await server.stop();
  ok("the first server ends well", left.code === 0, `${JSON.stringify(left)} ${server.log().slice(-2000)}`);
  const again = await serve(server.db);
  const kept = (await again.ask("GET", "/v1/rulebook", undefined, who.admin)).json;
  ok("a restart keeps the rulebook", kept.hash === hash, again.log());
  ok("and removes what was left half made", !fs.existsSync(`${server.db}.rulebooks/new-k111ed`) && fs.existsSync(`${server.db}.rulebooks/${hash}`));
  ok("and what was said", (await again.ask("GET", `/v1/findings/${who.own.id}`, undefined, who.admin)).json.state === "decided");
  const reset = await again.ask("POST", "/v1/rulebook", { reset: true }, who.admin);
  ok("reset goes back to the folder it was started with", reset.status === 200 && reset.json.hash !== hash && reset.json.dir === "rulebook", reset.text);
  const end = await again.stop();
  fs.rmSync(`${server.db}.rulebooks/current`, { force: true });
  fs.mkdirSync(`${server.db}.rulebooks/current`);
  const lost = await serve(server.db);
  ok("where it cannot be told which rulebook is in force none is", lost.child.exitCode === 2 && /which rulebook is in force cannot be read/.test(lost.log()), lost.log());
  ok("it ends well", end.code === 0, `${JSON.stringify(end)} ${again.log().slice(-6000)}`);
});
