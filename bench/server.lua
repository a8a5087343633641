-- Requests for wrk: bodies of a file, a line each, in turn; or events that never repeat.
--   wrk -s bench/server.lua URL -- lines FILE [PER_REQUEST] | events
local bodies, at, seed, per = {}, 0, os.time(), 1
local mode
function init(args)
  mode = args[1]
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  if mode ~= "lines" then return end
  per = tonumber(args[3] or "1")
  local lines = {}
  for line in io.lines(args[2]) do lines[#lines + 1] = line end
  if per == 1 then
    for i, line in ipairs(lines) do bodies[i] = wrk.format(nil, nil, nil, line) end
    return
  end
  wrk.headers["Content-Type"] = "application/x-ndjson"
  for first = 1, math.min(#lines, 500) do
    local part = {}
    for i = 0, per - 1 do part[#part + 1] = lines[(first + i - 1) % #lines + 1] end
    bodies[#bodies + 1] = wrk.format(nil, nil, nil, table.concat(part, "\n"))
  end
end
local thread_number = 0
function setup(thread) thread:set("own", thread_number) thread_number = thread_number + 1 end
function request()
  at = at + 1
  if mode == "lines" then return bodies[(at - 1) % #bodies + 1] end
  local id = string.format("%d-%d-%d", seed, own, at)
  return wrk.format(nil, nil, nil, string.format(
    '{"specversion":"1.0","id":"%s","source":"/tmall/b%d","type":"chat.message.created","time":"%s","data":{"session_id":"S%s",' ..
    '"message_id":"m%s","sender":"buyer","buyer_id":"b%d","text":"请问这个今天能发货吗"}}',
    id, at % 8, os.date("!%Y-%m-%dT%H:%M:%SZ"), id, id, at))
end
