// The contract of events, written out once more by hand, and a check of a stream against it. Reads the
// file named and prints what breaks the contract, then a summary as JSON: node simulate_contract.js FILE.
'use strict'
const fs = require('fs')

// Kinds of value: s string that is not empty, t RFC 3339, n integer of 0 or more, b boolean, a list of
// choices, or an object of fields; [kind] is a list. A name that ends in ? may be missing.
const s = 's', t = 't', n = 'n', b = 'b'
const services = { 'cod?': b, 'credit_card?': b, 'free_shipping?': b, 'seven_day_return?': b, 'freight_insurance?': b, 'warranty?': b }
const one = (...choices) => ({ choices })
const carrier = one('courier', 'ems', 'surface', 'none')
const range = (low, high) => ({ low, high })
const contract = {
  'shop.configured': { 'name?': s, 'zone?': s, 'services?': services, 'promise?': { 'ship_hours?': n, 'aftersale_days?': n },
    'targets?': { 'reply_seconds?': n, 'follow_up_from_seconds?': n, 'follow_up_to_seconds?': n, 'order_check_seconds?': n, 'refund_seconds?': n },
    'deposit_fen?': n, 'total_sales_fen?': n, 'authorised_hosts?': [s] },
  'agent.status.changed': { agent_id: s, status: one('on_duty', 'away', 'off'), 'told?': b, 'handed_to?': s, 'handover_note?': s },
  'chat.session.opened': { session_id: s, buyer_id: s, 'agent_id?': s },
  'chat.session.closed': { session_id: s, buyer_id: s, 'agent_id?': s },
  'chat.session.transferred': { session_id: s, buyer_id: s, 'agent_id?': s, 'to_agent_id?': s },
  'chat.message.created': { session_id: s, message_id: s, sender: one('buyer', 'agent', 'bot', 'auto', 'platform'), 'agent_id?': s, buyer_id: s,
    'order_id?': s, text: s, 'kind?': one('text', 'image', 'card') },
  'chat.message.recalled': { session_id: s, message_id: s, agent_id: s },
  'chat.rating.created': { session_id: s, buyer_id: s, agent_id: s, good: b },
  'buyer.blocked': { buyer_id: s, 'agent_id?': s },
  'buyer.reported': { buyer_id: s, 'agent_id?': s },
  'buyer.report_upheld': { buyer_id: s, 'agent_id?': s },
  'order.created': { order_id: s, buyer_id: s, goods_fen: n, freight_fen: n,
    lines: [{ line_id: s, product_id: s, quantity: n, price_fen: n, 'category?': s, 'special_goods?': b }],
    'cod?': b, 'group_id?': s, 'ship_by?': t, 'region?': s },
  'order.price_changed': { order_id: s, by: one('agent', 'system'), channel: one('desktop', 'mobile'), 'goods_fen?': n, 'freight_fen?': n },
  'order.details_checked': { order_id: s, agent_id: s },
  'order.paid': { order_id: s, paid_fen: n, 'method?': s },
  'order.confirmed': { order_id: s },
  'order.shipped': { order_id: s, tracking_no: s, carrier_kind: carrier, 'buyer_consented?': b, 'pickup?': b },
  'order.address_change_asked': { order_id: s, accepted: b },
  'logistics.complaint_upheld': { order_id: s },
  'logistics.traced': { order_id: s, tracking_no: s, status: one('collected', 'left_hub', 'delivered', 'refused', 'lost') },
  'order.received': { order_id: s },
  'order.closed': { order_id: s, by: one('buyer', 'agent', 'system'), 'buyer_asked?': b, 'proof?': s },
  'order.out_of_stock_claimed': { order_id: s, buyer_id: s },
  'review.created': { order_id: s, kind: one('first', 'explanation', 'appended'), 'logistics_score?': range(1, 5), 'good?': b },
  'aftersale.created': { aftersale_id: s, order_id: s, buyer_id: s, kind: one('refund_only', 'return_refund', 'exchange', 'live_poultry'),
    reason: one('quality', 'damaged', 'wrong_item', 'not_as_described', 'logistics', 'no_reason', 'wrong_order', 'changed_mind', 'other'), amount_fen: n },
  'aftersale.modified': { aftersale_id: s, 'amount_fen?': n, 'reason?': s },
  'aftersale.agreed': { aftersale_id: s, by: one('merchant', 'platform'), 'return_needed?': b, 'why?': s },
  'aftersale.refused': { aftersale_id: s, by: one('merchant', 'platform'), 'return_needed?': b, 'why?': s },
  'aftersale.handling_shortened': { aftersale_id: s, deadline_at: t },
  'aftersale.return_shipped': { aftersale_id: s, tracking_no: s, carrier_kind: carrier, 'insured?': b },
  'aftersale.return_received': { aftersale_id: s, condition: one('ok', 'damaged', 'incomplete') },
  'aftersale.inspected': { aftersale_id: s, result: one('pass', 'fail', 'out_of_stock') },
  'aftersale.buyer_chose': { aftersale_id: s, choice: one('wait', 'refund') },
  'aftersale.replacement_shipped': { aftersale_id: s, 'tracking_no?': s },
  'aftersale.solution_offered': { aftersale_id: s, solution: one('return', 'exchange', 'compensation', 'coupon') },
  'aftersale.verified': { aftersale_id: s, proven: b },
  'aftersale.refunded': { aftersale_id: s, amount_fen: n, by: one('merchant', 'platform', 'system') },
  'aftersale.withdrawn': { aftersale_id: s },
  'aftersale.escalated': { aftersale_id: s },
  'dispute.applied': { dispute_id: s, 'aftersale_id?': s, order_id: s, by: one('buyer', 'merchant') },
  'dispute.intervened': { dispute_id: s, 'by?': one('merchant', 'buyer') },
  'dispute.evidence_submitted': { dispute_id: s, 'by?': one('merchant', 'buyer') },
  'dispute.decided': { dispute_id: s, liable: one('merchant', 'buyer', 'none'), refunded: b },
  'invoice.requested': { order_id: s, buyer_id: s, when: one('ordering', 'after'), 'promised_by?': t },
  'invoice.issued': { order_id: s, medium: one('electronic', 'paper'), 'amount_fen?': n, 'tracking_no?': s, 'postage_paid_by?': one('merchant', 'buyer') },
  'payment.transferred': { order_id: s, direction: one('to_buyer', 'to_merchant'), channel: one('platform_small_payment', 'bank', 'wallet', 'other'), amount_fen: n },
  'listing.changed': { product_id: s, action: one('publish', 'edit', 'delist', 'relist'), 'title?': s, 'price_fen?': n, 'freight_fen?': n, 'category?': s, 'same_as?': [s] },
  'group.opened': { group_id: s, product_id: s, buyer_id: s, size: range(2, 10), 'closes_at?': t },
  'group.joined': { group_id: s, product_id: s, buyer_id: s },
  'settings.phone_set': { 'phone?': s, 'landline?': s },
  'settings.address_added': { address_id: s, 'receiver?': s, 'phone?': s, 'address?': s },
  'settings.address_default_set': { address_id: s },
  'settings.address_deleted': { address_id: s, 'confirmed?': b },
  'warranty.enabled': { product_id: s, 'mandatory?': b },
  'warranty.disabled': { product_id: s, 'mandatory?': b },
  'warranty.failed': { order_id: s, how: one('refused', 'fee_charged') },
  'insurance.bought': { order_id: s, by: one('buyer', 'merchant') },
  'finding.ruled': { finding_id: s, rule: s, by: s, subject: { kind: s, id: s }, 'tier?': range(1, 3), 'points?': n, 'class?': one('serious', 'general'),
    'amount_fen?': n, 'evidence?': s },
  'penalty.notified': { penalty_id: s, 'rule?': s, 'points?': n, 'class?': one('serious', 'general'), 'fine_fen?': n, 'outcome?': one('upheld', 'lifted') },
  'penalty.appealed': { penalty_id: s, 'rule?': s, 'points?': n, 'class?': one('serious', 'general'), 'fine_fen?': n, 'outcome?': one('upheld', 'lifted') },
  'penalty.settled': { penalty_id: s, 'rule?': s, 'points?': n, 'class?': one('serious', 'general'), 'fine_fen?': n, 'outcome?': one('upheld', 'lifted') },
  'metric.snapshot': { metric: s, value_bp: n, 'count?': n },
  'exam.taken': { exam_id: s, agent_id: s, score: n, answers: [{ question: s, answer: s }] },
}
const compensation = { case_id: s, order_id: s, kind: one('return', 'exchange', 'repair', 'late', 'fake'), 'approved?': b, 'amount_fen?': n }
for (const verb of ['missed', 'applied', 'reviewed', 'recovered']) contract['compensation.' + verb] = compensation

const stamp = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-]\d\d:\d\d)$/
const isWhole = v => typeof v === 'number' && Number.isSafeInteger(v) && v >= 0
// Why `value` is not of `kind`, or ''.
function wrong(value, kind, at) {
  if (kind === s) return typeof value === 'string' && value !== '' ? '' : `${at} is no string`
  if (kind === t) return typeof value === 'string' && stamp.test(value) && !Number.isNaN(Date.parse(value)) ? '' : `${at} is no time`
  if (kind === n) return isWhole(value) ? '' : `${at} is no whole number`
  if (kind === b) return typeof value === 'boolean' ? '' : `${at} is no boolean`
  if (Array.isArray(kind)) {
    if (!Array.isArray(value) || value.length === 0) return `${at} is no list`
    return value.map((item, i) => wrong(item, kind[0], `${at}[${i}]`)).find(Boolean) || ''
  }
  if (kind.choices) return kind.choices.includes(value) ? '' : `${at} is '${value}'`
  if ('low' in kind) return isWhole(value) && value >= kind.low && value <= kind.high ? '' : `${at} is ${value}`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} is no object`
  for (const name of Object.keys(kind)) {
    const bare = name.replace('?', '')
    if (bare in value) {
      const why = wrong(value[bare], kind[name], `${at}.${bare}`)
      if (why) return why
    } else if (bare === name) return `${at}.${name} is missing`
  }
  return Object.keys(value).filter(k => !(k in kind) && !(k + '?' in kind)).map(k => `${at}.${k} is not in the contract`)[0] || ''
}

function problem(event, line) {
  const keys = Object.keys(event).join()
  if (keys !== 'specversion,id,source,type,time,data') return 'envelope: ' + keys
  if (event.specversion !== '1.0' || !event.id) return 'envelope'
  if (!/^\/(pdd|taobao|tmall|jd|douyin|kuaishou)\/s\d+$/.test(event.source)) return 'source'
  if (!contract[event.type]) return 'type ' + event.type
  if (wrong(event.time, t, 'time')) return 'time'
  const data = event.data
  if (/[{<$]|\}$/.test(data.text || '')) return 'an open slot: ' + data.text
  if (event.type === 'chat.message.created' && (data.sender === 'agent') !== ('agent_id' in data)) return 'agent_id and sender'
  if (event.type === 'settings.phone_set' && !data.phone && !data.landline) return 'no phone'
  if (event.type === 'group.opened' && !data.size) return 'no size'
  if (event.type.startsWith('compensation.') && !event.source.startsWith('/jd/')) return 'compensation elsewhere'
  if (event.type === 'order.created' &&
      data.goods_fen !== data.lines.reduce((sum, l) => sum + l.quantity * l.price_fen, 0)) return 'goods_fen is not the sum of its lines'
  return wrong(data, contract[event.type], 'data')
}

const seen = new Map(), types = {}, senders = {}, latest = new Map(), made = new Set(), hours = new Array(24).fill(0), days = {}
const sum = { events: 0, bad: 0, duplicates: 0, late: 0, clashes: 0, orphans: 0, sources: 0 }
const bytes = fs.readFileSync(process.argv[2], 'utf8')
if (bytes !== '' && !bytes.endsWith('\n')) { console.log('the last line has no end'); sum.bad++ }
bytes.split('\n').slice(0, -1).forEach((line, i) => {
  let event, why
  try { event = JSON.parse(line); why = problem(event, line) } catch (e) { why = e.message }
  sum.events++
  if (why) { if (sum.bad++ < 20) console.log(`line ${i + 1}: ${why}: ${line.slice(0, 300)}`); return }
  const key = event.source + ' ' + event.id
  if (seen.has(key)) {
    seen.get(key) === line ? sum.duplicates++ : sum.clashes++
    return
  }
  seen.set(key, line)
  const time = Date.parse(event.time)
  if (time < (latest.get(event.source) || 0)) sum.late++
  else {
    latest.set(event.source, time)
    // An order is named only once it stands, unless its beginning comes late.
    const order = event.data.order_id && event.source + event.data.order_id
    if (event.type === 'order.created') made.add(order)
    else if (order && !made.has(order)) sum.orphans++
  }
  if (event.type === 'order.created') {
    hours[+event.time.slice(11, 13)]++
    days[event.time.slice(5, 10)] = (days[event.time.slice(5, 10)] || 0) + 1
  }
  types[event.type] = (types[event.type] || 0) + 1
  if (event.data.sender) senders[event.data.sender] = (senders[event.data.sender] || 0) + 1
})
sum.sources = latest.size
sum.missing = Object.keys(contract).filter(type => !types[type])
console.log(JSON.stringify({ ...sum, types, senders, hours, days }))
