import Redis
import TestSupport
import Testing

@testable import QueueClient

@Suite struct SchemaTests {
  @Test func `the tables stand before a script as Lua`() async throws {
    try await withRedis { redis, _ in
      let script = RedisScript(
        name: "schema",
        source: LuaPrelude.source
          + """
          return { KEYS[1] .. key.waitingChildren, KEYS[1] .. key.priorityCounter, beside.lock, field.attemptsMade,
            meta.maxLenEvents, option.failParentOnFailure, event.retriesExhausted, code.missingJob, key.schedulers }
          """)
      let reply = try await redis.run(script, keys: ["bull:q"])
      #expect(
        reply.strings == [
          "bull:q:waiting-children", "bull:q:pc", ":lock", "atm", "opts.maxLenEvents", "fpof", "retries-exhausted",
          "-1",
          ":repeat",
        ])
    }
  }

  @Test func `no two short options share a name, and each has its own long one`() {
    #expect(ShortOption.keepLogs.longName == "keepLogs")
    #expect(Set(ShortOption.allCases.map(\.longName)).count == ShortOption.allCases.count)
    for policy in FailurePolicy.allCases {
      #expect(ShortOption(rawValue: policy.storedName)?.longName == policy.rawValue)
    }
  }
}
