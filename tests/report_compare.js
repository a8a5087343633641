// Holds what `guiju report` tells against what a replay's state tells: report_compare.js FOLDER WHAT
const fs = require("fs"), [room, what] = process.argv.slice(2);
const text = name => fs.readFileSync(`${room}/${name}`, "utf8"), json = name => JSON.parse(text(name));
const fail = (...words) => { console.log("# " + words.join(" ").slice(0, 600)); process.exit(1); };
const key = (...parts) => parts.map(p => p ?? "").join("|");
const same = (a, b, name) => {
  const x = [...a].sort(), y = [...b].sort();
  const at = x.findIndex((line, i) => line !== y[i]);
  if (at >= 0 || x.length !== y.length)
    fail(name, x.length, "against", y.length, ":", x[at < 0 ? y.length : at], "/", y[at < 0 ? x.length : at]);
  if (x.length === 0) fail(name, "is empty");
};
const day = at => at.slice(0, 10), ms = at => Date.parse(at);
const shops = () => json("report");

const checks = {
  metrics() {
    const state = json("state");
    const rows = shops().flatMap(s => s.metrics.filter(m => !m.history).map(m => ({ ...m, source: s.source })));
    const told = new Set(rows.map(m => key(m.source, m.metric, m.product, m.from, m.to, m.numerator, m.denominator, m.value_bp)));
    const known = state.metrics.filter(m => {
      const s = shops().find(s => s.source === m.source);
      return ms(m.to) > ms(s.day + "T00:00:00+08:00") && ms(m.from) <= ms(s.now);
    });
    same(told, new Set(known.map(m => key(m.source, m.metric, m.subject?.id, m.from, m.to, m.numerator, m.denominator, m.value_bp))), "metrics");
    for (const m of known) {
      const mine = rows.filter(r => key(r.source, r.metric, r.product, r.from) === key(m.source, m.metric, m.subject?.id, m.from));
      if (mine.some(r => r.breach) !== m.breach) fail("breach of", m.metric);
    }
  },
  deadlines() {
    const rows = json("deadlines"), now = Math.max(...shops().map(s => ms(s.now)));
    const of = d => key(d.source, d.kind, d.id, d.flow, d.name, d.at);
    const known = new Set(json("state").deadlines.map(of));
    // flows that only keep watch are not told in the state: theirs are told where they find something
    same(rows.filter(d => known.has(of(d))).map(of), known, "deadlines");
    const more = rows.filter(d => !known.has(of(d)));
    if (more.some(d => !d.then)) fail("a deadline of nobody", JSON.stringify(more.find(d => !d.then)));
    if (rows.some((d, i) => i > 0 && ms(d.at) < ms(rows[i - 1].at))) fail("not by time");
    if (rows.some(d => Math.abs(d.left_s - (ms(d.at) - now) / 1000) > 1)) fail("time left is wrong");
    if (!rows.some(d => d.then && d.then.fine_fen > 0) || rows.some(d => !d.clause)) fail("no cost or clause");
  },
  findings() {
    const of = (s, f) => key(s, f.rule, f.at, f.subject.kind, f.subject.id, f.agent_id, f.severity, f.because);
    const known = json("state").findings.filter(f => day(f.at) === shops().find(s => s.source === f.source).day);
    const cut = f => ({ ...f, at: f.at.replace(/\.\d+/, "") });
    same(shops().flatMap(s => s.findings.map(f => of(s.source, f))), known.map(f => of(f.source, cut(f))), "findings");
  },
  ledger() {
    const sums = {}, told = {}, state = json("state");
    for (const e of state.ledger) {
      if (day(e.at) !== shops().find(s => s.source === e.source).day) continue;
      const k = key(e.source, e.account.replace(/^(buyer|agent):.*/, "$1"), e.unit);
      sums[k] = (sums[k] ?? 0) + e.amount;
    }
    for (const s of shops()) for (const a of s.accounts) told[key(s.source, a.name, a.unit)] = a.amount;
    same(Object.entries(told).map(String), Object.entries(sums).map(String), "ledger");
    for (const s of shops()) {
      if (s.accounts.filter(a => a.unit === "fen").reduce((n, a) => n + a.amount, 0) !== 0) fail("money is lost");
      if (s.money.booked_fen !== -(sums[key(s.source, "shop", "fen")] ?? 0)) fail("booked money");
    }
  },
  points() {
    const state = json("state");
    const rows = shops().flatMap(s => s.points.map(p => ({ ...p, source: s.source })));
    if (rows.length < 2) fail("no ladders");
    for (const p of rows) {
      const sum = state.ledger.filter(e => e.source === p.source && e.account === `shop:points:${p.class}`)
        .reduce((n, e) => n + e.amount, 0);
      if (sum !== p.sum || (p.next && (p.next <= p.sum || !p.then))) fail("points", JSON.stringify(p), sum);
    }
  },
  measures() {
    const of = (s, m) => key(s, m.rule, m.kind ?? m.subject?.kind, m.id ?? m.subject?.id, m.what);
    const known = json("state").measures.filter(m => {
      const now = ms(shops().find(s => s.source === m.source).now);
      return ms(m.from) <= now && (!m.to || ms(m.to) > now);
    });
    same([...shops().flatMap(s => s.measures.map(m => of(s.source, m))), ""], [...known.map(m => of(m.source, m)), ""], "measures");
  },
  yesterday() {
    const rows = json("yesterday").flatMap(s => s.findings.map(f => key(s.source, f.rule, f.at, f.subject.id)));
    same(rows, json("state").findings.filter(f => day(f.at) === "2026-03-03")
      .map(f => key(f.source, f.rule, f.at.replace(/\.\d+/, ""), f.subject.id)), "yesterday");
  },
  near() {
    const m = near();
    if (m.breach || m.distance?.of !== "missed" || m.then.fine_fen !== 100000 || m.threshold.below_bp !== 5000)
      fail(JSON.stringify(m));
    fs.writeFileSync(`${room}/distance`, String(m.distance.count));
  },
  alone() { if (steps().length !== 1) fail(JSON.stringify(steps())); },
  peers() {
    const m = steps().filter(m => m.then.rule === "pdd.metric.reply-rate-downrank");
    if (steps().length !== 2 || m.length !== 1 || !m[0].breach || m[0].threshold.below_bp !== 8000 || near().breach)
      fail(JSON.stringify(steps()));
  },
  "no-breach"() { if (near().breach) fail(JSON.stringify(near())); },
  breach() { if (!near().breach) fail(JSON.stringify(near())); },
  page() {
    const html = text("page.html");
    if (/<script|<link|<img|@import|url\(|https?:/.test(html)) fail("something from outside");
    const open = [];
    for (const [, end, name, self] of html.replace(/<!doctype html>/, "").matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)) {
      if (self || name === "meta") continue;
      if (!end) open.push(name);
      else if (open.pop() !== name) fail("tag", name, "is not closed in order");
    }
    if (open.length > 0) fail("left open:", open.join(" "));
    for (const s of shops()) if (!html.includes(`<h1>${s.source}</h1>`)) fail("no", s.source);
    if ((html.match(/<svg/g) ?? []).length < 10) fail("too few charts");
  },
  escaped() {
    const { execFileSync } = require("child_process"), guiju = `${process.env.GJ_BUILD ?? "build/release"}/guiju`;
    const evil = `<b onload="x">&a`;
    fs.writeFileSync(`${room}/evil.jsonl`, JSON.stringify({
      specversion: "1.0", id: "e1", source: "/pdd/s1", type: "chat.message.created", time: "2026-03-03T10:00:00+08:00",
      data: { session_id: "S1", message_id: evil, sender: "agent", agent_id: evil, buyer_id: "b1", text: "加我微信 abc12345 聊" },
    }) + "\n");
    execFileSync(guiju, ["replay", `${room}/evil.jsonl`, "--db", `${room}/evil.db`]);
    const html = execFileSync(guiju, ["report", "--db", `${room}/evil.db`, "--format", "html"]).toString();
    if (html.includes("<b ") || !html.includes("&lt;b onload=&quot;x&quot;&gt;&amp;a")) fail("not escaped");
    JSON.parse(execFileSync(guiju, ["report", "--db", `${room}/evil.db`, "--format", "json"]));
  },
  workbook() {
    const names = [...text("xlsx/xl/workbook.xml").matchAll(/<sheet name="([^"]*)"/g)].map(m => m[1]);
    if (names.join() !== "指标,时限,发现,扣分,账目") fail("sheets", names.join());
    const rows = n => (text(`xlsx/xl/worksheets/sheet${n}.xml`).match(/<row /g) ?? []).length - 1;
    const of = list => shops().reduce((n, s) => n + s[list].length, 0);
    if (rows(3) !== of("findings") || rows(4) !== of("points")) fail("rows", rows(3), rows(4));
    if (rows(5) !== json("state").ledger.filter(e => day(e.at) === shops()[0].day).length) fail("ledger", rows(5));
    if (!text("xlsx/xl/sharedStrings.xml").includes("有效回复率")) fail("no title");
  },
};
const steps = () => json("near")[0].metrics.filter(m => m.metric === "pdd.metric.effective-reply-rate");
const near = () => steps().find(m => m.then.fine_fen === 100000);
checks[what]();
