import Redis

/// Fills a Redis with flows as real BullMQ leaves them, fast: a script for some hundred flows a call.
struct PopulatedRedis {
  let redis: RedisClient

  /// What is filled in.
  struct Shape {
    /// How many flows: a parent in the queue `parents`, its children in one of the queues of children.
    var flows: Int
    /// How many children each has.
    var childrenPerFlow: Int
    /// How many queues the children are spread over.
    var childQueues = 3
    /// One flow in so many has ended; the others wait for most of their children.
    var finishedEvery = 4
    /// One flow in so many has a child that failed for good; 0 for none.
    var failedEvery = 1000
  }

  /// Fills a Redis in.
  ///
  /// - Returns: how many jobs there are.
  @discardableResult
  func populate(flows: Int, childrenPerFlow: Int, failedEvery: Int = 1000) async throws -> Int {
    try await populate(Shape(flows: flows, childrenPerFlow: childrenPerFlow, failedEvery: failedEvery))
  }

  /// Fills a Redis in.
  ///
  /// - Returns: how many jobs there are.
  @discardableResult
  func populate(_ shape: Shape) async throws -> Int {
    let portion = 200
    for first in stride(from: 0, to: shape.flows, by: portion) {
      let arguments: [RedisCommand.Argument] = [
        .init(first), .init(min(portion, shape.flows - first)), .init(shape.childrenPerFlow),
        .init(shape.childQueues), .init(shape.finishedEvery), .init(shape.failedEvery), .init(shape.flows),
      ]
      try await redis.run(Self.script, keys: [], arguments: arguments, timeout: .seconds(60))
    }
    return shape.flows * (1 + shape.childrenPerFlow)
  }

  private static let script = RedisScript(
    name: "populate",
    source: """
      local first, count, children, queues = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
      local finishedEvery, failedEvery = tonumber(ARGV[5]), tonumber(ARGV[6])
      local call, start = redis.call, 1795000000000
      local function number(value) return string.format('%.0f', value) end
      call('HSET', 'bull:parents:meta', 'opts.maxLenEvents', '10000')
      for queue = 0, queues - 1 do call('HSET', 'bull:children-' .. queue .. ':meta', 'opts.maxLenEvents', '10000') end
      for flow = first, first + count - 1 do
        local at = start + flow * 10
        local id = string.format('%08x-0000-4000-8000-%012x', flow * 40503 % 4294967296, flow)
        local parent = 'bull:parents:' .. id
        local isFinished = flow % finishedEvery == 0
        local hasFailure = failedEvery > 0 and flow % failedEvery == 1
        call('HSET', parent, 'name', 'report', 'data', '{"month":' .. flow % 12 .. '}', 'opts', '{"attempts":1}',
          'timestamp', number(at), 'delay', '0', 'priority', '0')
        for child = 1, children do
          local queue = 'bull:children-' .. (flow + child) % queues
          local childID = string.format('%08x-0000-4000-9000-%012x', (flow * 64 + child) * 40503 % 4294967296,
            flow * 64 + child)
          local key = queue .. ':' .. childID
          call('HSET', key, 'name', 'step', 'data', '{"part":' .. child .. '}', 'opts', '{"attempts":3}',
            'timestamp', number(at), 'delay', '0', 'priority', '0', 'parentKey', parent,
            'parent', '{"id":"' .. id .. '","queueKey":"bull:parents"}')
          if hasFailure and child == 1 then
            call('ZADD', queue .. ':failed', number(at + 500), childID)
            call('HSET', key, 'failedReason', 'connect ECONNREFUSED 10.0.0.' .. flow % 250 .. ':443', 'atm', '3',
              'processedOn', number(at + 100), 'finishedOn', number(at + 500))
            call('SADD', parent .. ':dependencies', key)
          elseif isFinished or child * 3 <= children then
            call('ZADD', queue .. ':completed', number(at + child), childID)
            call('HSET', key, 'returnvalue', number(child), 'atm', '1', 'processedOn', number(at + child - 1),
              'finishedOn', number(at + child))
            call('HSET', parent .. ':processed', key, number(child))
          else
            call('LPUSH', queue .. ':wait', childID)
            call('SADD', parent .. ':dependencies', key)
          end
        end
        if isFinished and not hasFailure then
          call('ZADD', 'bull:parents:completed', number(at + 1000), id)
          call('HSET', parent, 'returnvalue', '{"total":' .. number(children) .. '}', 'atm', '1',
            'processedOn', number(at + 900), 'finishedOn', number(at + 1000))
        else
          call('ZADD', 'bull:parents:waiting-children', number(at), id)
        end
      end
      """)
}
