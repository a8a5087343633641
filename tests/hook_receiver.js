// A receiver of webhooks and robots' cards, to test the sender on: hook_receiver.js DIR. It writes its
// port to DIR/port and each request as a line of JSON to DIR/log, with what its own check of the
// signature says: the numbers of the lines of DIR/secrets that signed. The path says how it behaves:
//   /ok            200
//   /fail/N        500 to the first N requests of each message, then 200
//   /down          500, for as long as DIR/down exists, then 200
//   /hang          never answers
//   /drip          a header line now and then, without end
//   /redirect      302 to /ok
//   /huge          200 and a body without end
//   /headers       200 and headers without end
//   /gone          410
//   /busy          429 with Retry-After: 2 to the first request, then 200
//   /robot         {"errcode": 0, "code": 0}
//   /robot/refuse  a code that is not 0
//   /robot/busy/N  N as the code, to the first request
//   /robot/html    200 and no JSON
// With DIR/key.pem and DIR/cert.pem it speaks https.
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');
const dir = process.argv[2];
const log = fs.openSync(dir + '/log', 'a');
const seen = new Map();
const parent = process.ppid;

function secrets() {
  try {
    return fs.readFileSync(dir + '/secrets', 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

const hmac = (key, text) => crypto.createHmac('sha256', key).update(text).digest('base64');

// Standard Webhooks
function signedWebhook(secret, headers, body) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = hmac(key, `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
  const fresh = Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp'])) < 300;
  return fresh && headers['webhook-signature'].split(' ').includes('v1,' + expected);
}

// a robot that is signed in its query
function signedQuery(secret, query) {
  const time = query.get('timestamp');
  return Math.abs(Date.now() - Number(time)) < 3600e3 && query.get('sign') === hmac(secret, time + '\n' + secret);
}

// a robot that is signed in its body
function signedBody(secret, body) {
  const { timestamp, sign } = JSON.parse(body);
  return Math.abs(Date.now() / 1000 - Number(timestamp)) < 3600 && sign === hmac(timestamp + '\n' + secret, '');
}

function signers(request, url, body) {
  const check = request.headers['webhook-signature'] ? (s) => signedWebhook(s, request.headers, body)
    : url.searchParams.has('sign') ? (s) => signedQuery(s, url.searchParams)
    : body.includes('"sign"') ? (s) => signedBody(s, body) : () => false;
  return secrets().flatMap((secret, i) => (check(secret) ? [i] : []));
}

function count(key) {
  seen.set(key, (seen.get(key) || 0) + 1);
  return seen.get(key);
}

function forever(write) {
  const timer = setInterval(() => write(), 1);
  return () => clearInterval(timer);
}

function answer(request, response, path, argument) {
  const send = (status, headers, body) => {
    response.writeHead(status, headers);
    response.end(body || '');
  };
  const robot = (code) => send(200, { 'content-type': 'application/json' },
    JSON.stringify({ errcode: code, errmsg: code ? 'no ' + code : 'ok', code, msg: code ? 'no ' + code : 'success' }));
  const times = count(request.url.split('?')[0] + (request.headers['webhook-id'] || ''));
  switch (path) {
    case '/fail': return send(times <= Number(argument) ? 500 : 200);
    case '/down': return send(fs.existsSync(dir + '/down') ? 500 : 200);
    case '/hang': return undefined;
    case '/drip':
      response.socket.write('HTTP/1.1 200 OK\r\n');
      response.socket.on('close', forever(() => response.socket.write('x: y\r\n')));
      return undefined;
    case '/redirect': return send(302, { location: '/ok' });
    case '/huge':
      response.writeHead(200);
      response.socket.on('close', forever(() => response.write('x'.repeat(65536))));
      return undefined;
    case '/headers':
      response.socket.write('HTTP/1.1 200 OK\r\n');
      response.socket.on('close', forever(() => response.socket.write('x: ' + 'y'.repeat(8000) + '\r\n')));
      return undefined;
    case '/gone': return send(410);
    case '/busy': return count('busy') === 1 ? send(429, { 'retry-after': '2' }) : send(200);
    case '/robot':
      return argument === 'refuse' ? robot(300001)
        : argument === 'html' ? send(200, {}, '<html>')
        : argument ? robot(times === 1 ? Number(argument.replace('busy/', '')) : 0) : robot(0);
    default: return send(200);
  }
}

function begin(handle) {
  return fs.existsSync(dir + '/key.pem')
    ? https.createServer({ key: fs.readFileSync(dir + '/key.pem'), cert: fs.readFileSync(dir + '/cert.pem') }, handle)
    : http.createServer(handle);
}

const server = begin((request, response) => {
  const url = new URL(request.url, 'http://x');
  const [, path, argument] = url.pathname.match(/^(\/[a-z]*)\/?(.*)$/);
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (part) => { body += part; });
  request.on('end', () => {
    fs.writeSync(log, JSON.stringify({
      at: Date.now(), path: url.pathname, id: request.headers['webhook-id'] || '', agent: request.headers['user-agent'],
      signers: signers(request, url, body), type: request.headers['content-type'], body }) + '\n');
    answer(request, response, path, argument);
  });
});
setInterval(() => process.ppid === parent || process.exit(), 500); // it does not outlive its test
server.listen(0, '127.0.0.1', () => {
  fs.writeFileSync(dir + '/port.new', String(server.address().port));
  fs.renameSync(dir + '/port.new', dir + '/port');
});
