"""
What Redis does for `limits`, each script in one step; `KEYS` are the bases of the sources.
"""

from typing import Final

_LOOK: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function sum(key)
  local total = 0
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    total = total + tonumber(string.match(member, ':(%d+)$'))
  end
  return total
end
local function look(base, rate, slots, at, window)
  local circuit = base .. ':circuit'
  local opened = tonumber(redis.call('HGET', circuit, 'open_until') or '0')
  local canary = 0
  if opened > 0 then
    local probe = tonumber(redis.call('HGET', circuit, 'probe_until') or '0')
    if at < opened or now < probe then return 0, 0, 0, -1 end
    canary = 1
  end
  redis.call('ZREMRANGEBYSCORE', base .. ':sent', '-inf', now - window)
  redis.call('ZREMRANGEBYSCORE', base .. ':held', '-inf', now)
  local left = rate - sum(base .. ':sent')
  local free = slots - sum(base .. ':held')
  local wait = 0
  if left <= 0 then
    left = 0
    wait = redis.call('ZRANGE', base .. ':sent', 0, 0, 'WITHSCORES')[2] + window - now
  end
  if free <= 0 then
    free = 0
    wait = math.max(wait, 20)
  end
  return left, free, canary, wait
end
"""


# KEYS: bases. ARGV: at, window, then rate and slots of each.
ROOM: Final = (
    _LOOK
    + """
local answer = {}
for i, base in ipairs(KEYS) do
  local left, free, canary, wait = look(base, tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2]),
    tonumber(ARGV[1]), tonumber(ARGV[2]))
  answer[i] = {left, free, canary, wait}
end
return answer
"""
)


# KEYS: bases. ARGV: at, window, name of the permit, how long it may be held, then rate, slots, wanted.
TAKE: Final = (
    _LOOK
    + """
local window, hold, answer = tonumber(ARGV[2]), tonumber(ARGV[4]), {}
for i, base in ipairs(KEYS) do
  local left, free, canary = look(base, tonumber(ARGV[3 * i + 2]), tonumber(ARGV[3 * i + 3]),
    tonumber(ARGV[1]), window)
  local granted = math.min(tonumber(ARGV[3 * i + 4]), left, free)
  if canary == 1 then granted = math.min(granted, 1) end
  if granted > 0 then
    local member = ARGV[3] .. ':' .. granted
    redis.call('ZADD', base .. ':sent', now, member)
    redis.call('PEXPIRE', base .. ':sent', window)
    redis.call('ZADD', base .. ':held', now + hold, member)
    if redis.call('PTTL', base .. ':held') < hold then redis.call('PEXPIRE', base .. ':held', hold) end
    if canary == 1 then redis.call('HSET', base .. ':circuit', 'probe_until', now + hold) end
  end
  answer[i] = {granted, canary}
end
return answer
"""
)


# KEYS: bases. ARGV: name of the permit, then how many of it are held and how many shall be left of each.
RELEASE: Final = """
for i, base in ipairs(KEYS) do
  local held, member = base .. ':held', ARGV[1] .. ':' .. ARGV[2 * i]
  local until_ = redis.call('ZSCORE', held, member)
  if until_ and ARGV[2 * i] ~= ARGV[2 * i + 1] then
    redis.call('ZREM', held, member)
    if ARGV[2 * i + 1] ~= '0' then redis.call('ZADD', held, until_, ARGV[1] .. ':' .. ARGV[2 * i + 1]) end
  end
end
"""


# KEYS: bases. ARGV: at, failures to open, first pause, longest pause, forgotten after, then successes,
# failures and canary of each.
REPORT: Final = """
local at = tonumber(ARGV[1])
for i, base in ipairs(KEYS) do
  local circuit = base .. ':circuit'
  local good, bad = tonumber(ARGV[3 * i + 3]), tonumber(ARGV[3 * i + 4])
  local canary = ARGV[3 * i + 5] == '1'
  if good > 0 then
    redis.call('DEL', circuit)
  elseif bad > 0 then
    local failed = redis.call('HINCRBY', circuit, 'failures', bad)
    local opened = redis.call('HEXISTS', circuit, 'open_until') == 1
    if canary or (not opened and failed >= tonumber(ARGV[2])) then
      local trips = redis.call('HINCRBY', circuit, 'trips', 1)
      local pause = math.min(tonumber(ARGV[3]) * 2 ^ math.min(trips - 1, 20), tonumber(ARGV[4]))
      redis.call('HSET', circuit, 'open_until', string.format('%.0f', at + pause))
    end
    redis.call('PEXPIRE', circuit, tonumber(ARGV[5]))
  end
  if canary then redis.call('HDEL', circuit, 'probe_until') end
end
"""


# KEYS: bases.
CIRCUITS: Final = """
local answer = {}
for i, base in ipairs(KEYS) do
  answer[i] = redis.call('HGET', base .. ':circuit', 'open_until') or ''
end
return answer
"""
