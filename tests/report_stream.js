// A day on which so many buyers are answered in a minute, and so many never: report_stream.js ANSWERED LOST [MEAN].
// MEAN is the rate of the shop's peers, in basis points.
const [answered, lost, mean] = process.argv.slice(2).map(Number);
let n = 0;
if (mean !== undefined)
  console.log(JSON.stringify({
    specversion: "1.0", id: "e0", source: "/pdd/s1", type: "shop.configured", time: "2026-03-03T00:00:00Z",
    data: { category_means: { "pdd.metric.effective-reply-rate": { rate_bp: mean, count: 0 } } },
  }));
const say = (minute, second, sender, buyer) => {
  const time = new Date(Date.UTC(2026, 2, 3, 1, minute, second)).toISOString().replace(/\.000Z$/, "Z");
  console.log(JSON.stringify({
    specversion: "1.0", id: `e${++n}`, source: "/pdd/s1", type: "chat.message.created", time,
    data: { session_id: `S${buyer}`, message_id: `M${n}`, sender, buyer_id: `b${buyer}`, text: "您好，有货的",
      ...(sender === "agent" ? { agent_id: "a1" } : {}) },
  }));
};
for (let b = 0; b < answered + lost; b++) {
  say(b, 0, "buyer", b);
  if (b < answered) say(b, 30, "agent", b);
}
