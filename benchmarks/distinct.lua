-- wrk: every request posts another signed event. Lines of the file: signature, tab, body.
local threads = 0
function setup(thread)
  thread:set("first", threads)
  threads = threads + 1
end

local events, position, step = {}, 0, 1

function init(arguments)
  for line in io.lines(arguments[1]) do events[#events + 1] = line end
  step = tonumber(arguments[2])
  position = first + 1
end

function request()
  local line = events[position]
  position = position + step
  if line == nil then
    -- Out of distinct events: a wrong address makes the run fail instead of measuring duplicates.
    return wrk.format("POST", "/out-of-events", {}, "{}")
  end
  local tab = line:find("\t", 1, true)
  return wrk.format("POST", "/webhooks/zalo", {
    ["Content-Type"] = "application/json",
    ["X-ZEvent-Signature"] = "mac=" .. line:sub(1, tab - 1),
  }, line:sub(tab + 1))
end

function done(summary, latency, requests)
  io.write(string.format('\nRESULT {"requests": %d, "microseconds": %d, "errors": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
