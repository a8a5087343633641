-- Requests for wrk:
--   wrk -s bench/server.lua URL -- fixed | events | lines FILE [PER_REQUEST [NEW]]
-- fixed: the URL as it is. events: events that never repeat. lines: the first 2,000 messages of a file, a line each, in
-- turn, each with an id of its own, as tools send them; of 100, NEW (0) are like none before, by an agent_id of their own.
-- Messages that came before are prepared, some thousands of them with ids of their own, singly or in batches: what the
-- client does to make a request is not the server's.
local mode, at, seed, own = nil, 0, os.time(), 0
local per, share, messages = 1, 0, {}
local prepared, PREPARED = {}, 16000
local threads = 0
function setup(thread) thread:set("own", threads) threads = threads + 1 end

-- The members that make a message its own stand first and are as long as any other's, so that all else is prepared once.
local none = "00-000000000-000"
local function numbers(i)
  local number = string.format("%02d-%09d-%03d", own, at, i)
  local new = (at * per + i) * 61 % 100 < share
  return '{"id":"' .. number .. '","agent_id":"' .. (new and number or none) .. '",'
end

local function read(file)
  local first = '{"id":"' .. none .. '","agent_id":"' .. none .. '",'
  for line in io.lines(file) do
    line = line:gsub('"id": *"[^"]*", *', "", 1):gsub('"agent_id": *"[^"]*", *', "", 1):match("^{(.*)$")
    local single = wrk.format(nil, nil, nil, first .. line)
    local from, to = single:find(first, 1, true)
    if #messages == 2000 then return end
    messages[#messages + 1] = {text = line, head = single:sub(1, from - 1), tail = single:sub(to + 1)}
  end
end

local function batch()
  local parts = {}
  for i = 1, per do
    parts[#parts + 1] = numbers(i)
    parts[#parts + 1] = messages[(at * per + i - 1) % #messages + 1].text
    parts[#parts + 1] = i < per and "\n" or ""
  end
  return wrk.format(nil, nil, nil, table.concat(parts))
end

local function line()
  local message = messages[at % #messages + 1]
  return message.head .. numbers(1) .. message.tail
end

local function prepare()
  for i = 1, PREPARED / per do
    at = i
    prepared[i] = per > 1 and batch() or line()
  end
end

function init(args)
  mode = args[1]
  if mode == "fixed" then messages[1] = wrk.format() return end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  if mode ~= "lines" then return end
  per, share = tonumber(args[3] or "1"), tonumber(args[4] or "0")
  if per > 1 then wrk.headers["Content-Type"] = "application/x-ndjson" end
  read(args[2])
  if share == 0 then prepare() end
end

local function event()
  local id = string.format("%d-%d-%d", seed, own, at)
  return wrk.format(nil, nil, nil, string.format(
    '{"specversion":"1.0","id":"%s","source":"/tmall/b%d","type":"chat.message.created","time":"%s","data":{"session_id":"S%s",' ..
    '"message_id":"m%s","sender":"buyer","buyer_id":"b%d","text":"请问这个今天能发货吗"}}',
    id, at % 8, os.date("!%Y-%m-%dT%H:%M:%SZ"), id, id, at))
end

function request()
  at = at + 1
  if mode == "fixed" then return messages[1] end
  if mode == "events" then return event() end
  if #prepared > 0 then return prepared[at % #prepared + 1] end
  return per > 1 and batch() or line()
end
