-- Requests for wrk:
--   wrk -s bench/server.lua URL -- fixed | events | lines FILE [PER_REQUEST [NEW]]
-- fixed: the URL as it is. events: events that never repeat. lines: the messages of a file, a line each, in turn, each
-- with an id of its own, as tools send them; of 100, NEW (0) are like none before, by an agent_id of their own.
local mode, at, seed, own = nil, 0, os.time(), 0
local per, share, messages = 1, 0, {}
local threads = 0
function setup(thread) thread:set("own", threads) threads = threads + 1 end

-- The members that make a message its own stand first, so that all else is prepared once.
local function numbers(i)
  local new = (at * per + i) * 61 % 100 < share
  return string.format('{"id":"m%d-%d-%d","agent_id":"%s",', own, at, i, new and own .. "-" .. at .. "-" .. i or "a")
end

local function read(file)
  for line in io.lines(file) do
    line = line:gsub('"id": *"[^"]*", *', "", 1):gsub('"agent_id": *"[^"]*", *', "", 1)
    messages[#messages + 1] = line:match("^{(.*)$")
  end
end

function init(args)
  mode = args[1]
  if mode == "fixed" then messages[1] = wrk.format() return end
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  if mode ~= "lines" then return end
  read(args[2])
  per, share = tonumber(args[3] or "1"), tonumber(args[4] or "0")
  if per > 1 then wrk.headers["Content-Type"] = "application/x-ndjson" end
end

local function lines()
  local parts = {}
  for i = 1, per do
    parts[#parts + 1] = numbers(i)
    parts[#parts + 1] = messages[(at * per + i - 1) % #messages + 1]
    parts[#parts + 1] = i < per and "\n" or ""
  end
  return wrk.format(nil, nil, nil, table.concat(parts))
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
  return mode == "lines" and lines() or event()
end
