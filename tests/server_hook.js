// Webhooks and robots of a running server, against a receiver that checks signatures by its own code.
const { as, event, eventually, folder, fs, main, ok, path, said, serve, sleep, token } = require("./server_lib");
const { spawn } = require("child_process");

const receiver = async (name) => {
  const dir = path.join(folder, name);
  fs.mkdirSync(dir);
  const child = spawn(process.execPath, ["tests/hook_receiver.js", dir], { stdio: "ignore" });
  for (let i = 0; i < 200 && !fs.existsSync(dir + "/port"); i++) await sleep(25);
  const seen = () => (fs.existsSync(dir + "/log") ? fs.readFileSync(dir + "/log", "utf8").split("\n").filter(Boolean).map(JSON.parse) : []);
  return {
    url: (target) => `http://127.0.0.1:${fs.readFileSync(dir + "/port", "utf8")}${target}`,
    knows: (secret) => fs.appendFileSync(dir + "/secrets", secret + "\n"),
    at: async (target, count) => { // what came there, when it is `count` or after 15 s
      for (let i = 0; i < 600; i++) {
        const there = seen().filter((one) => one.path === target);
        if (there.length >= count) return there;
        await sleep(25);
      }
      return seen().filter((one) => one.path === target);
    },
    stop: () => child.kill(),
  };
};

const bad = () => said("加我微信聊吧，微信号 abc12345", { sender: "agent" });

main(async () => {
  const to = await receiver("receiver");
  let server = await serve("hooks.db", ["--allow-private-hooks"]);
  const admin = token(server.db, "admin", "--role", "admin");
  const service = token(server.db, "events", "--role", "service");
  const some = token(server.db, "some", "--role", "admin", "--shop", "/pdd/s1");
  await server.knows(admin, service, some);
  const add = (hook, who = admin) => server.ask("POST", "/v1/webhooks", hook, as(who));

  const hook = (await add({ url: to.url("/ok"), types: ["verdict"] })).json;
  ok("a webhook's secret is shown once", /^whsec_/.test(hook?.secret));
  to.knows(hook.secret);
  to.knows("SECabc");
  ok("a robot is added", (await add({ url: to.url("/robot"), kind: "dingtalk", secret: "SECabc", types: ["verdict"] })).status === 201);
  const dead = (await add({ url: to.url("/down"), types: ["verdict"] })).json;
  const list = await server.ask("GET", "/v1/webhooks", undefined, as(admin));
  ok("hooks are listed without their secrets", list.json?.items?.length === 3 && !list.text.includes("whsec_"), list.text);
  const refused = await add({ url: "https://user:pw@example.com/" });
  ok("a bad URL is refused with its member", refused.status === 422 && /url/.test(refused.text), refused.text);
  ok("so is a type that no notice has, and one that is none by halves", (await add({ url: to.url("/x"), types: ["nonsense"] })).status === 422 &&
    (await add({ url: to.url("/x"), types: ["deadlin"] })).status === 422);
  ok("so is one without a host", (await add({ url: "https:///x" })).status === 422);
  const lost = await server.ask("GET", `/v1/webhooks/${hook.id}/deliveries?state=lost`, undefined, as(admin));
  ok("there are three states of deliveries", lost.status === 400, lost.text);
  ok("so is port 0", (await add({ url: "http://127.0.0.1:0/" })).status === 422);
  ok("a dead letter that is none is not sent again", (await server.ask("POST", `/v1/webhooks/${hook.id}/resend?delivery=12345`, undefined, as(admin))).status === 404);
  ok("nor does a stream wait for such a type", (await server.ask("GET", "/v1/stream?types=verdict,nonsense", undefined, as(admin))).status === 400);
  ok("who is for some shops alone may not add one", (await add({ url: to.url("/some") }, some)).status === 403);
  ok("nor see them", (await server.ask("GET", "/v1/webhooks", undefined, as(some))).status === 403);

  await server.ask("POST", "/v1/events", bad(), as(service));
  await server.ask("POST", "/v1/events", bad(), as(service));
  let came = await to.at("/ok", 2);
  ok("what an agent said is told", came.length === 2 && came.every((one) => one.body.includes('"type":"verdict"')), JSON.stringify(came));
  ok("signed, each under its own name", came.every((one) => one.signers.includes(0)) && came[0].id !== came[1].id);
  ok("with data", came.every((one) => { const told = JSON.parse(one.body); return told.source === "/pdd/s1" && told.data.hits.length > 0 && told.timestamp.endsWith("Z"); }), came[0]?.body);
  const cards = await to.at("/robot", 1);
  ok("the robot gets a signed card", cards.length > 0 && cards[0].signers.includes(1) && cards[0].body.includes("话术有违规风险"), JSON.stringify(cards));
  const delivered = (count) => eventually(() => server.ask("GET", `/v1/webhooks/${hook.id}/deliveries?state=delivered`, undefined, as(admin)),
    (answer) => answer.json?.items?.length >= count);
  const deliveries = await delivered(2);
  ok("deliveries are listed", deliveries.json?.items?.length === 2, deliveries.text);

  // what fails waits, over a restart too
  fs.writeFileSync(path.join(folder, "receiver", "down"), "");
  await server.ask("POST", "/v1/events", bad(), as(service));
  await to.at("/down", 3);
  await delivered(3); // what is under way at the stop is sent again
  const names = new Set((await to.at("/down", 0)).map((one) => one.id));
  ok("it stops in time", (await server.stop()).code === 0);
  fs.unlinkSync(path.join(folder, "receiver", "down"));
  server = await serve(server.db, ["--allow-private-hooks"]);
  await server.ask("POST", "/v1/events", bad(), as(service));
  let waiting = 1;
  for (let i = 0; i < 400 && waiting > 0; i++) {
    const answer = await server.ask("GET", `/v1/webhooks/${dead.id}/deliveries?state=waiting`, undefined, as(admin));
    waiting = answer.json.items.length;
    await sleep(25);
  }
  const after = await to.at("/down", 0);
  ok("what waited is sent after a restart, under its name", waiting === 0 && [...names].every((id) => after.filter((one) => one.id === id).length >= 1), String(waiting));
  ok("nothing is told twice that was taken", (await to.at("/ok", 4)).length === 4);
  const gone = await server.ask("DELETE", `/v1/webhooks/${hook.id}`, undefined, as(admin));
  ok("a hook is removed", gone.status === 200, gone.text);
  ok("and is no more", (await server.ask("POST", `/v1/webhooks/${hook.id}/test`, undefined, as(admin))).status === 404);
  await server.stop();

  // a server that may not reach its own network
  const strict = await serve("strict.db");
  const master = token(strict.db, "admin", "--role", "admin");
  await strict.knows(master);
  for (const url of [to.url("/inner"), "https://127.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://2130706433/", "https://10.0.0.1/"]) {
    const answer = await strict.ask("POST", "/v1/webhooks", { url }, as(master));
    ok(`${url} is refused`, answer.status === 422, answer.text);
  }
  const named = (await strict.ask("POST", "/v1/webhooks", { url: "https://localhost:1/" }, as(master))).json;
  await strict.ask("POST", `/v1/webhooks/${named.id}/test`, undefined, as(master));
  let text = "";
  for (let i = 0; i < 400 && !/loopback/.test(text); i++) {
    text = (await strict.ask("GET", `/v1/webhooks/${named.id}/deliveries`, undefined, as(master))).text;
    await sleep(25);
  }
  ok("a name of an inner address is refused when connecting", /loopback/.test(text), text);
  await strict.stop();
  to.stop();
});
