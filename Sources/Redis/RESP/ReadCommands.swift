/// What a client that only reads may send: Redis's commands without the flag `write` (`COMMAND INFO`) that this package
/// has a use for. Whatever is not known to read is taken to write.
extension RedisCommand {
  /// Whether the command changes nothing in Redis. A script says itself whether it does (`RedisScript.isReadOnly`).
  public var isReadOnly: Bool {
    if runsReadOnlyScript { return true }
    if Self.reading.contains(name) { return true }
    guard let allowed = Self.readingParts[name], case .text(let part)? = arguments.dropFirst().first else {
      return false
    }
    return allowed.contains(part.uppercased())
  }

  private static let reading: Set<String> = [
    "AUTH", "DBSIZE", "DUMP", "ECHO", "EXISTS", "GET", "GETRANGE", "HELLO", "HEXISTS", "HGET", "HGETALL",
    "HKEYS", "HLEN", "HMGET", "HRANDFIELD", "HSCAN", "HSTRLEN", "HVALS", "INFO", "KEYS", "LINDEX", "LLEN", "LPOS",
    "LRANGE", "MGET", "PING", "PSUBSCRIBE", "PTTL", "PUNSUBSCRIBE", "QUIT", "RANDOMKEY", "ROLE", "SCAN", "SCARD",
    "SELECT", "SISMEMBER", "SMEMBERS", "SMISMEMBER", "SRANDMEMBER", "SSCAN", "STRLEN", "SUBSCRIBE", "TIME", "TTL",
    "TYPE", "UNSUBSCRIBE", "XINFO", "XLEN", "XRANGE", "XREAD", "XREVRANGE", "ZCARD", "ZCOUNT", "ZMSCORE",
    "ZRANDMEMBER", "ZRANGE", "ZRANGEBYSCORE", "ZRANK", "ZREVRANGE", "ZREVRANGEBYSCORE", "ZREVRANK", "ZSCAN", "ZSCORE",
  ]

  /// Of commands that have parts, those that only read. To load a script runs nothing.
  private static let readingParts: [String: Set<String>] = [
    "CLIENT": ["GETNAME", "ID", "INFO", "LIST", "SETINFO", "SETNAME"],
    "CLUSTER": ["COUNTKEYSINSLOT", "INFO", "KEYSLOT", "MYID", "NODES", "SHARDS", "SLOTS"],
    "CONFIG": ["GET"],
    "MEMORY": ["USAGE", "STATS"],
    "OBJECT": ["ENCODING", "FREQ", "IDLETIME"],
    "SCRIPT": ["EXISTS", "LOAD"],
    "SLOWLOG": ["GET", "LEN"],
  ]
}
