// A running server when things go wrong: kill -9 under load, a clock that is set, a full disk, a rulebook with errors.
const { as, main, ok, said, serve, sleep, until, event, eventually, folder, guiju, fs, net, path, token } = require("./server_lib.js");
const { spawnSync } = require("child_process");
const kills = Number(process.env.GJ_KILLS || 8);

// Listens to the stream: {notices, last, stop()}.
const listen = (server, last) => {
  const http = require("http"), heard = { notices: [], last: last || 0 };
  const request = http.request({ host: "127.0.0.1", port: server.port, path: "/v1/stream",
    headers: last === undefined ? {} : { "Last-Event-ID": String(last) } }, (answer) => {
    let text = "";
    heard.status = answer.statusCode;
    answer.on("data", (part) => {
      text += part;
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
        const fields = Object.fromEntries(text.slice(0, end).split("\n").map((line) => line.split(/: (.*)/s)));
        if (!fields.data) continue;
        heard.last = Number(fields.id);
        heard.notices.push({ id: heard.last, type: fields.event, data: JSON.parse(fields.data), at: Date.now() });
      }
    });
    answer.on("error", () => {});
  });
  request.on("error", () => {});
  request.end();
  heard.stop = () => request.destroy();
  return heard;
};

const underLoad = async () => {
  const acknowledged = new Set();
  let server, twice = 0, refused = 0, rounds = 0, heard = [], last = 0;
  for (let round = 0; round < kills; round++) {
    server = await serve("kill.db");
    if (!server.port) { ok("it starts after a kill", false, server.log()); return; }
    const ear = listen(server, last);
    let going = true;
    const client = async (c) => {
      for (let i = 0; going; i++) {
        const one = said(i % 3 === 0 ? "加我微信 vx12345678" : "好的亲", { sender: "agent", id: `k${round}-${c}-${i}`, session: `S${c}` });
        const answer = await server.ask("POST", "/v1/events?decision=false", one);
        if (answer.status === 200 && answer.json?.status === "applied") acknowledged.add(one.id);
        else if (answer.status === 200) twice++;
        else if (answer.status !== 0) refused++;
      }
    };
    const clients = Array.from({ length: 16 }, (_, c) => client(c));
    await sleep(250 + Math.random() * 300);
    await server.kill();
    going = false;
    await Promise.all(clients);
    ear.stop();
    heard.push(...ear.notices.map((notice) => notice.id));
    last = ear.last;
    rounds++;
  }
  server = await serve("kill.db");
  const ear = listen(server, last);
  for (let before = -1; before < ear.notices.length; await sleep(700)) before = ear.notices.length;
  heard.push(...ear.notices.map((notice) => notice.id));
  ear.stop();
  await server.stop();
  const rows = spawnSync("sqlite3", [server.db, "SELECT id FROM event"], { encoding: "utf8", maxBuffer: 1 << 28 }).stdout.trim().split("\n");
  const kept = new Set(rows), missing = [...acknowledged].filter((id) => !kept.has(id));
  ok(`after ${rounds} kills each of ${acknowledged.size} acknowledged events is there`, acknowledged.size > 0 && missing.length === 0, missing.slice(0, 3));
  ok("and none twice", rows.length === kept.size && twice === 0, `${rows.length} rows, ${kept.size} ids, ${twice} told as known`);
  ok("none was refused", refused === 0, refused);
  const expected = Number(spawnSync("sqlite3", [server.db, "SELECT max(seq) FROM notice"], { encoding: "utf8" }).stdout);
  ok("a listener that comes again has heard each notice once, in order", heard.length === expected && heard.every((id, i) => id === i + 1), `${heard.length} of ${expected}`);
  const check = guiju("fsck", "--db", server.db, "--rulebook", "rulebook");
  ok("the database is whole", check.status === 0, check.stdout + check.stderr);
  const audit = guiju("audit", "verify", "--db", server.db);
  ok("the audit log is whole", audit.status === 0, audit.stdout + audit.stderr);
};

// What is on its way when the server is told to stop still arrives, and its answer leaves; whoever asks
// meanwhile learns of it.
const draining = async () => {
  const server = await serve("drain.db");
  ok("a database is for its owner alone", (fs.statSync(server.db).mode & 0o777) === 0o600, (fs.statSync(server.db).mode & 0o777).toString(8));
  const connect = () => {
    const one = { socket: net.connect(server.port, "127.0.0.1"), got: "" };
    one.socket.on("data", (bytes) => (one.got += bytes)).on("error", () => {});
    one.closed = new Promise((done) => one.socket.on("close", done));
    return one;
  };
  const open = connect(), halves = Array.from({ length: 32 }, connect);
  halves.forEach((half, i) => {
    half.body = JSON.stringify(said("在吗", { id: `half${i}` }));
    half.socket.write(`POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(half.body)}\r\n\r\n${half.body.slice(0, 20)}`);
  });
  await sleep(1000);
  const ended = server.stop();
  await sleep(300);
  open.socket.write("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await until(() => open.got !== "");
  ok("while it drains it is not ready", open.got.startsWith("HTTP/1.1 503"), open.got.slice(0, 80));
  for (const half of halves) half.socket.write(half.body.slice(20));
  const end = await ended;
  await Promise.all([open, ...halves].map((one) => one.closed));
  const cut = halves.filter((half) => !half.got.startsWith("HTTP/1.1 200") || !half.got.includes('"applied"'));
  ok("bodies that are under way at the stop are taken, and each is answered", cut.length === 0, `${cut.length} not: ${cut[0]?.got.slice(0, 200)}`);
  ok("and the server ends well", end.code === 0, JSON.stringify(end));
};

const clock = async () => {
  const offset = path.join(folder, "clock");
  fs.writeFileSync(offset, "+0");
  const library = spawnSync("sh", ["-c", "ls /usr/lib/*/faketime/libfaketimeMT.so.1"], { encoding: "utf8" }).stdout.trim();
  if (library === "" || /asan/.test(process.env.GJ_BUILD)) {
    console.log("skipped: a clock that is set (faketime is not there, or not to be had with a sanitizer)");
    return;
  }
  const server = await serve("clock.db", [], { env: { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: offset, FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1", DONT_FAKE_MONOTONIC: "1" } });
  if (!ok("it starts with a clock that can be set", server.port > 0, server.log())) return;
  const ear = listen(server);
  await until(() => ear.status === 200);
  await server.ask("POST", "/v1/events", said("在吗", { source: "/tmall/c1", time: new Date(Date.now() - 298000), id: "c1" }));
  const fired = () => ear.notices.filter((notice) => notice.type === "deadline").length;
  const found = () => ear.notices.filter((notice) => notice.type === "finding" && notice.data.rule === "shop.response.answer-5min").length;
  fs.writeFileSync(offset, "+1d");
  await sleep(1000);
  ok("the clock set forward a day fires nothing early", found() === 0, JSON.stringify(ear.notices.slice(-1)));
  const ready = await eventually(() => server.ask("GET", "/readyz"), (answer) => answer.json?.clock === "stepped");
  ok("that the clock was set is told", ready.json?.clock === "stepped", ready.text);
  await until(() => found() > 0);
  ok("the deadline fires at its time all the same", found() === 1, found());
  const first = fired();
  fs.writeFileSync(offset, "-1d");
  await sleep(1200);
  fs.writeFileSync(offset, "+0");
  await sleep(1200);
  ok("set back, it does not fire a second time", found() === 1 && fired() === first, `${found()} ${fired()} ${first}`);
  await server.stop();
};

const full = async () => {
  const disk = path.join(folder, "disk");
  fs.mkdirSync(disk);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", disk]).status !== 0) {
    console.log("skipped: a full disk (no right to mount one)");
    return;
  }
  try {
    const server = await serve(path.join(disk, "full.db"));
    if (!ok("it starts on a small disk", server.port > 0, server.log())) return;
    const text = "加我微信 vx12345678，" + "好的亲".repeat(2000), kept = new Set(["wait", "early"]);
    const ear = listen(server);
    await until(() => ear.status === 200);
    const fill = () => { try { for (;;) fs.appendFileSync(path.join(disk, "rest"), Buffer.alloc(4096)); } catch { /* full */ } };
    await server.ask("POST", "/v1/events", said("在吗", { source: "/tmall/w0", id: "early", time: new Date(Date.now() - 147500) }));
    fill();
    // at half of the reply timer a warning is to be told, and cannot be kept
    const quiet = await eventually(() => server.ask("GET", "/readyz"), (answer) => answer.json?.storage === "full");
    ok("a full disk is told though nobody writes", quiet.json?.storage === "full" && (server.log().match(/deadlines wait/g) || []).length === 1, `${quiet.text} ${server.log()}`);
    fs.rmSync(path.join(disk, "rest"));
    const space = await eventually(() => server.ask("GET", "/readyz"), (answer) => answer.json?.storage === "ok");
    ok("and is over when there is space", space.json?.storage === "ok", space.text);
    const half = Date.now() + 4000; // of a reply timer, at which a warning is to be told
    await server.ask("POST", "/v1/events", said("在吗", { source: "/tmall/w1", id: "wait", time: new Date(half - 150000) }));
    let last, tries = 0;
    do {
      const one = said(text, { sender: "agent", id: `f${tries}` });
      last = await server.ask("POST", "/v1/events?decision=false", one);
      if (last.status === 200) kept.add(one.id);
    } while (last.status === 200 && ++tries < 1000);
    ok("a full disk is answered 507 with a clear problem", last.status === 507 && /storage-full/.test(last.json?.type), `${last.status} ${last.text.slice(0, 300)}`);
    const check = await server.ask("POST", "/v1/check", { platform: "tmall", text: "您好" });
    ok("checks go on", check.status === 200, check.status);
    ok("it is alive", (await server.ask("GET", "/healthz")).status === 200);
    const ready = await server.ask("GET", "/readyz");
    ok("and says what it lacks", ready.status === 200 && ready.json.status === "degraded" && ready.json.storage === "full", ready.text);
    while (Date.now() < half + 1200) { // kept full to the last byte, whatever is given free
      fill();
      const one = said(text, { sender: "agent", id: `f${++tries}` });
      if ((await server.ask("POST", "/v1/events?decision=false", one)).status === 200) kept.add(one.id);
      await sleep(20);
    }
    const nearing = () => ear.notices.filter((notice) => notice.type === "deadline.nearing" && notice.data.source === "/tmall/w1").length;
    spawnSync("mount", ["-o", "remount,size=64m", disk]);
    let again, id = `after`;
    for (let i = 0; i < 20; i++) {
      again = await server.ask("POST", "/v1/events?decision=false", said("好的亲", { sender: "agent", id }));
      if (again.status === 200) break;
      await sleep(200);
    }
    const well = await server.ask("GET", "/readyz");
    ok("then it is well again", well.json?.status === "ok" && well.json.storage === "ok", well.text);
    ok("when there is space writing goes on", again.status === 200 && again.json?.status === "applied", `${again.status} ${again.text}`);
    kept.add(id);
    await until(() => nearing() > 0);
    await sleep(600); // a second one would come now
    ok("a warning due meanwhile is told, once", nearing() === 1, nearing());

    const verdicts = ear.notices.filter((notice) => notice.type === "verdict").map((notice) => notice.data.event);
    ok("no notice tells of an event that was refused, none twice", verdicts.length === kept.size - 3 && verdicts.every((one) => kept.has(one)) &&
      new Set(verdicts).size === verdicts.length, `${verdicts.length} of ${kept.size - 3}`);
    ear.stop();
    const end = await server.stop();
    ok("it ends with 0", end.code === 0, JSON.stringify(end) + server.log());
    const rows = new Set(spawnSync("sqlite3", [server.db, "SELECT id FROM event"], { encoding: "utf8" }).stdout.trim().split("\n"));
    ok("what was acknowledged is there, what was refused is not", rows.size === kept.size && [...kept].every((one) => rows.has(one)), `${rows.size} ${kept.size}`);
  } finally {
    spawnSync("umount", ["-l", disk]);
  }
};

const inTime = async () => {
  const server = await serve("time.db");
  const ear = listen(server);
  await until(() => ear.status === 200);
  const due = Date.now() + 2500, shops = Array.from({ length: 9 }, (_, i) => `/tmall/t1${i}`), when = (i) => due + i * 400;
  for (const [i, source] of shops.entries())
    await server.ask("POST", "/v1/events", said("在吗", { source, time: new Date(when(i) - 300000), id: source }));
  const missed = (source) => ear.notices.find((notice) => notice.type === "finding" && notice.data.source === source && notice.data.rule === "shop.response.answer-5min");
  await until(() => shops.every(missed));
  const late = shops.map((source, i) => (missed(source)?.at ?? Infinity) - when(i)).sort((a, b) => a - b);
  ok("no deadline fires early, and most fire within a second", late[0] >= 0 && late[4] < 1000, late.join(" ")); // of one the machine may have been elsewhere
  await server.ask("POST", "/v1/events", said("在吗", { source: "/tmall/t2", time: new Date(Date.now() - 149000), id: "t2" }));
  const half = () => ear.notices.find((notice) => notice.type === "deadline.nearing" && notice.data.source === "/tmall/t2");
  await until(half);
  const near = half();
  ok("at half its time a reply timer is told", near !== undefined && near.data.seconds_left > 120 && near.data.seconds_left <= 150, JSON.stringify(near));
  await server.ask("POST", "/v1/events", said("在的亲", { source: "/tmall/t2", sender: "agent", id: "t3" }));
  ear.stop();

  // requests under way when it is told to stop are answered
  const answers = Array.from({ length: 50 }, (_, i) => server.ask("POST", "/v1/events?decision=false", said("在吗", { id: `d${i}`, session: `D${i}` })));
  await sleep(5);
  const end = server.stop();
  const done = await Promise.all(answers);
  const acknowledged = done.filter((answer) => answer.status === 200).length;
  const { code } = await end;
  const rows = Number(spawnSync("sqlite3", [server.db, "SELECT count(*) FROM event WHERE id LIKE 'd%'"], { encoding: "utf8" }).stdout);
  ok("a graceful stop keeps what it has acknowledged", code === 0 && rows >= acknowledged && done.every((answer) => [200, 0, 503].includes(answer.status)), `${code} ${rows} ${acknowledged}`);

  const again = await serve("time.db");
  const later = listen(again, 0);
  await until(() => later.notices.length > 0);
  await sleep(1200); // what is told again would come now
  const same = later.notices.filter((notice) => notice.type === "deadline.nearing" && notice.data.source === "/tmall/t10" && notice.data.warning === near?.data.warning);
  ok("a restart tells no warning twice", same.length <= 1 && later.notices.length > 0, same.length);
  later.stop();
  await again.stop();
};

const everybody = async () => {
  const server = await serve("ears.db");
  const ears = Array.from({ length: 1000 }, () => listen(server));
  await until(() => ears.every((ear) => ear.status === 200));
  const rss = () => Number(fs.readFileSync(`/proc/${server.child.pid}/status`, "utf8").match(/VmRSS:\s*(\d+)/)[1]);
  const before = Date.now();
  await server.ask("POST", "/v1/events", said("加我微信 vx12345678", { sender: "agent", id: "all" }));
  const hears = (ear) => ear.notices.some((notice) => notice.type === "verdict");
  await until(() => ears.every(hears));
  const reached = ears.filter(hears).length;
  ok("1,000 listeners hear of it", reached === 1000, reached);
  console.log(`1,000 listeners: the last heard after ${Math.max(...ears.map((ear) => (ear.notices[0]?.at || Infinity) - before))} ms; resident ${rss()} KB`);
  ears.forEach((ear) => ear.stop());
  const end = await server.stop();
  ok("and it ends while they listen", end.code === 0, JSON.stringify(end));
};

// A tenant's damaged database is no other tenant's trouble, not even in the same batch.
const damaged = async () => {
  let server = await serve("whole.db");
  guiju("tenant", "add", "other", "--db", server.db);
  const [mine, theirs] = ["default", "other"].map((tenant) => token(server.db, tenant, "--role", "admin", "--tenant", tenant));
  await server.knows(mine, theirs);
  await server.ask("POST", "/v1/events", said("在吗", { id: "first" }), as(theirs));
  await server.stop();
  const file = `${server.db}.tenants/other.db`;
  const [root, size] = spawnSync("sqlite3", [file, "SELECT rootpage FROM sqlite_master WHERE name = 'event_identity'; PRAGMA page_size"], { encoding: "utf8" }).stdout.trim().split("\n").map(Number);
  const bytes = fs.openSync(file, "r+");
  fs.writeSync(bytes, Buffer.alloc(size, 255), 0, size, (root - 1) * size);
  fs.closeSync(bytes);
  server = await serve("whole.db");
  const post = (secret, k) => server.ask("POST", "/v1/events", said("在吗", { id: `w${k}`, session: `W${k}` }), as(secret));
  const [own, others] = await Promise.all([mine, theirs].map((secret) => Promise.all(Array.from({ length: 200 }, (_, k) => post(secret, k)))));
  const kinds = [...new Set(own.map((answer) => answer.json?.status))];
  ok("while another tenant's batch fails one's own events are applied, once", kinds.length === 1 && kinds[0] === "applied", kinds);
  ok("and the other is told of his", others.every((answer) => answer.status === 500), others[0].text);
  await server.stop();
};

// Connections that are open go on asking to the last: nothing is gone that they ask.
const busyToTheEnd = async () => {
  const server = await serve("busy.db");
  let on = true, number = 0;
  const again = async (post) => { while (on && (await post()).status !== 0); };
  const posts = Array.from({ length: 16 }, (_, k) => again(() => server.ask("POST", "/v1/events", said("加我微信 vx12345678", { sender: "agent", session: `B${++number}`, source: `/pdd/s${k}` }))));
  const gets = ["/metrics", "/v1/webhooks", "/v1/deadlines", "/v1/stream?types=none"].map((target) => again(() => server.ask("GET", target)));
  await sleep(1500);
  const end = await server.stop();
  on = false;
  await Promise.all([...posts, ...gets]);
  ok("it stops well while it is asked for all it has", end.code === 0 && !server.log().includes("Sanitizer"), JSON.stringify(end) + server.log().slice(0, 600));
};

main(async () => {
  await draining();
  await busyToTheEnd();
  await damaged();
  await inTime();
  await clock();
  await full();
  await everybody();
  await underLoad();
});
