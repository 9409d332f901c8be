import QueueClient
import Redis

/// A Redis that holds something that BullMQ would hardly write, by the commands that make it so.
struct StrangeState: Sendable, CustomStringConvertible {
  let name: String
  let commands: [RedisCommand]
  /// Whether the readers that are slow look at it, too.
  let isSample: Bool

  var description: String { name }

  init(_ name: String, isSample: Bool = false, _ commands: [RedisCommand]) {
    (self.name, self.isSample, self.commands) = (name, isSample, commands)
  }
}

// MARK: The table

extension StrangeState {
  /// Every state.
  static let all: [StrangeState] =
    [StrangeState("nothing strange", isSample: true, ordinary)] + strangeFields + strangeOptions + strangeSettings
    + strangeScores + strangeKinds + strangeFamilies + deepJSON + hostileIDs

  /// What stands where a number should.
  static let numbers = [
    "-9223372036854775808", "9223372036854775807", "inf", "-inf", "1e308", "-1e308", "nan", "",
    "1234567890123456789012345678901234567890", "-1234567890123456789012345678901234567890", "1.5",
  ]

  /// The jobs that `ordinary` makes.
  static let jobs = [
    "bull:par:P", "bull:kid:ready", "bull:kid:done", "bull:kid:bad", "bull:kid:later", "bull:kid:first",
    "bull:kid:taken", "bull:kid:repeat:daily:1795000000000",
  ]

  /// A parent with a child in each state, a scheduler, metrics, logs and events.
  static let ordinary: [RedisCommand] = [
    ["HSET", "bull:par:meta", "opts.maxLenEvents", "1000"], ["HSET", "bull:kid:meta", "opts.maxLenEvents", "1000"],
    ["SET", "bull:kid:id", "7"], ["SET", "bull:kid:pc", "1"],
    job("bull:par:P", parent: nil), job("bull:kid:ready"), job("bull:kid:done", "returnvalue", "2500"),
    job("bull:kid:bad", "failedReason", "kaputt"), job("bull:kid:later"), job("bull:kid:first"), job("bull:kid:taken"),
    job("bull:kid:repeat:daily:1795000000000", "rjk", "daily"),
    ["ZADD", "bull:par:waiting-children", "1795000000000", "P"],
    ["SADD", "bull:par:P:dependencies", "bull:kid:ready", "bull:kid:later", "bull:kid:first", "bull:kid:taken"],
    ["HSET", "bull:par:P:processed", "bull:kid:done", "2500"], ["HSET", "bull:par:P:failed", "bull:kid:old", "kaputt"],
    ["ZADD", "bull:par:P:unsuccessful", "1795000000000", "bull:kid:bad"],
    ["RPUSH", "bull:par:P:logs", "one", "two"],
    ["RPUSH", "bull:kid:wait", "ready"], ["LPUSH", "bull:kid:active", "taken"],
    ["SET", "bull:kid:taken:lock", "somebody"], ["SADD", "bull:kid:stalled", "taken"],
    ["ZADD", "bull:kid:prioritized", "4294967297", "first"], ["ZADD", "bull:kid:delayed", "7352320000000000", "later"],
    ["ZADD", "bull:kid:delayed", "7352320000000001", "repeat:daily:1795000000000"],
    ["ZADD", "bull:kid:completed", "1795000000000", "done"], ["ZADD", "bull:kid:failed", "1795000000000", "bad"],
    ["ZADD", "bull:kid:marker", "0", "0"], ["ZADD", "bull:kid:repeat", "1795000000000", "daily"],
    ["HSET", "bull:kid:repeat:daily", "name", "daily", "every", "1000"],
    ["HSET", "bull:kid:metrics:completed", "count", "3", "prevTS", "1795000000000", "prevCount", "2"],
    ["RPUSH", "bull:kid:metrics:completed:data", "1", "2"], ["SET", "bull:kid:de:once", "ready"],
    ["XADD", "bull:kid:events", "1-1", "event", "added", "jobId", "ready", "name", "n"],
    ["XADD", "bull:kid:events", "1-2", "event", "delayed", "jobId", "later", "delay", "1795000000000"],
    ["XADD", "bull:kid:events", "1-3", "event", "completed", "jobId", "done", "returnvalue", "2500"],
  ]

  private static func job(_ key: String, parent: String? = "P", _ fields: String...) -> RedisCommand {
    let opts = #"{"attempts":3000,"backoff":{"type":"exponential","delay":1000},"kl":10}"#
    let family = parent.map { ["parentKey", "bull:par:\($0)", "parent", #"{"id":"\#($0)","queueKey":"bull:par"}"#] }
    return RedisCommand(
      "HSET",
      [key, "name", "n", "data", "{}", "opts", opts, "timestamp", "1795000000000", "delay", "0", "priority", "0"]
        + (family ?? []) + fields)
  }

  private static func strange(_ name: String, isSample: Bool = false, _ commands: [RedisCommand]) -> StrangeState {
    StrangeState(name, isSample: isSample, ordinary + commands)
  }
}

// MARK: Numbers

extension StrangeState {
  static var strangeFields: [StrangeState] {
    [
      "timestamp", "delay", "priority", "processedOn", "finishedOn", "ats", "atm", "attemptsMade", "stc", "progress",
      "returnvalue",
    ].flatMap { field in
      numbers.enumerated().map { index, number in
        strange(
          "\(field) \(number)", isSample: ["timestamp", "finishedOn", "atm"].contains(field) && index < 3,
          jobs.map { ["HSET", .text($0), .text(field), .text(number)] })
      }
    }
  }

  static var strangeOptions: [StrangeState] {
    let numbers = [
      "-9223372036854775808", "9223372036854775807", "1e308", "-1e308", "1e999", "\"nan\"", "null", "1.5", "{}",
    ]
    let shapes = [
      #"{"attempts":NUMBER}"#, #"{"attempts":3,"backoff":NUMBER}"#, #"{"kl":NUMBER}"#, #"{"stackTraceLimit":NUMBER}"#,
      #"{"attempts":3,"backoff":{"type":"exponential","delay":NUMBER,"jitter":NUMBER}}"#,
      #"{"removeOnComplete":NUMBER,"removeOnFail":NUMBER}"#,
      #"{"removeOnComplete":{"age":NUMBER,"count":NUMBER},"removeOnFail":{"age":NUMBER}}"#,
    ]
    return shapes.flatMap { shape in
      numbers.map { number in
        let opts = shape.split(separator: "NUMBER", omittingEmptySubsequences: false).joined(separator: number)
        return strange("opts \(opts)", jobs.map { ["HSET", .text($0), "opts", .text(opts)] })
      }
    }
  }

  static var strangeSettings: [StrangeState] {
    let places =
      ["opts.maxLenEvents", "concurrency", "max", "duration", "paused"].map { ("meta", $0) }
      + ["count", "prevTS", "prevCount"].map { ("metrics:completed", $0) }
    let settings = places.flatMap { key, field in
      numbers.map { number in
        strange("\(key) \(field) \(number)", [["HSET", .text("bull:kid:\(key)"), .text(field), .text(number)]])
      }
    }
    let counters = ["id", "pc", "limiter", "stalled-check", "de:once"].flatMap { key in
      numbers.map { strange("\(key) \($0)", [["SET", .text("bull:kid:\(key)"), .text($0)]]) }
    }
    let minutes = numbers.map {
      strange("a minute of \($0)", [["RPUSH", "bull:kid:metrics:completed:data", .text($0)]])
    }
    let events = numbers.map { number in
      strange(
        "events of \(number)",
        ["delay", "attemptsMade", "count"].map {
          ["XADD", "bull:kid:events", "*", "event", "delayed", "jobId", "later", .text($0), .text(number)]
        })
    }
    return settings + counters + minutes + events
  }

  static var strangeScores: [StrangeState] {
    let sets = [
      ("kid:delayed", "later"), ("kid:prioritized", "first"), ("par:waiting-children", "P"), ("kid:completed", "done"),
      ("kid:failed", "bad"), ("kid:marker", "1"), ("kid:repeat", "daily"), ("par:P:unsuccessful", "bull:kid:bad"),
    ]
    return sets.flatMap { set, member in
      ["inf", "-inf", "1e308", "-1e308", "-1", "0.5", "9223372036854775807"].map { score in
        strange(
          "\(set) \(score)", isSample: score == "inf", [["ZADD", .text("bull:\(set)"), .text(score), .text(member)]])
      }
    }
  }
}

// MARK: Kinds

extension StrangeState {
  static var strangeKinds: [StrangeState] {
    let keys =
      QueueKey.Suffix.allCases.map { "bull:kid:\($0.rawValue)" } + ["bull:par:waiting-children", "bull:par:meta"]
      + JobKey.Suffix.allCases.map { "bull:par:P:\($0.rawValue)" } + [
        "bull:par:P", "bull:kid:ready", "bull:kid:ready:lock",
      ]
    let makers: [(String, (RedisCommand.Argument) -> RedisCommand)] = [
      ("string", { ["SET", $0, "x"] }), ("list", { ["RPUSH", $0, "x"] }), ("set", { ["SADD", $0, "x"] }),
      ("zset", { ["ZADD", $0, "1", "x"] }), ("hash", { ["HSET", $0, "x", "y"] }),
      ("stream", { ["XADD", $0, "*", "x", "y"] }),
    ]
    return keys.flatMap { key in
      makers.map { kind, make in
        strange(
          "\(key) is a \(kind)", isSample: kind == "string" && key.hasSuffix("s"),
          [["DEL", .text(key)], make(.text(key))])
      }
    }
  }
}

// MARK: Families, JSON, ids

extension StrangeState {
  static var strangeFamilies: [StrangeState] {
    let circles = [1, 2, 4].map { length in
      StrangeState(
        "a circle of \(length)", isSample: true,
        ordinary + chain(length) + [
          ["SADD", .text("bull:par:c\(length - 1):dependencies"), "bull:par:c0"],
          ["HSET", "bull:par:c0", "parentKey", .text("bull:par:c\(length - 1)")],
        ])
    }
    return circles + [
      StrangeState("a chain of 3,000", isSample: true, ordinary + chain(3000)),
      // Each level of two waits for both of the next: two to the power of sixty-four ways down.
      StrangeState(
        "a ladder of 64", isSample: true,
        ordinary
          + (0..<64).flatMap { level in
            ["a", "b"].flatMap { side -> [RedisCommand] in
              let key = "bull:par:\(side)\(level)"
              return [
                job(key, parent: level == 0 ? nil : "a\(level - 1)"),
                ["ZADD", "bull:par:waiting-children", "1", .text("\(side)\(level)")],
                [
                  "SADD", .text("\(key):dependencies"), .text("bull:par:a\(level + 1)"),
                  .text("bull:par:b\(level + 1)"),
                ],
              ]
            }
          }),
    ]
  }

  /// Jobs of which each waits for the next; the last one waits to run.
  private static func chain(_ length: Int) -> [RedisCommand] {
    (0..<length).flatMap { index -> [RedisCommand] in
      let key = "bull:par:c\(index)"
      let isLast = index == length - 1
      return [
        job(key, parent: index == 0 ? nil : "c\(index - 1)"),
        ["ZADD", "bull:par:waiting-children", "1", .text("c\(index)")],
        isLast ? ["PING"] : ["SADD", .text("\(key):dependencies"), .text("bull:par:c\(index + 1)")],
      ]
    }
  }

  static var deepJSON: [StrangeState] {
    let deep = String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)
    let deepObject = String(repeating: #"{"a":"#, count: 20_000) + "1" + String(repeating: "}", count: 20_000)
    let fields = ["data", "opts", "returnvalue", "progress", "stacktrace", "parent", "name", "failedReason"]
    let texts = [("deep", deep), ("deep objects", deepObject), ("cut off", #"{"id":"P","que"#), ("of one number", "7")]
    return texts.flatMap { name, json in
      fields.map { field in
        strange(
          "\(field) \(name)", isSample: field == "data" || field == "parent",
          jobs.map { ["HSET", .text($0), .text(field), .text(json)] })
      } + [
        strange("values \(name)", [["HSET", "bull:par:P:processed", "bull:kid:done", .text(json)]]),
        strange(
          "events \(name)",
          [["XADD", "bull:kid:events", "*", "event", "completed", "jobId", "done", "returnvalue", .text(json)]]),
      ]
    }
  }

  static var hostileIDs: [StrangeState] {
    [
      "wait", "repeat", "meta", "a:b:c", ":", "::", "a:", ":a", "0:1795000000000", "*", "[a-z]?", "\u{1B}[31m\u{202E}",
      "\0", "a\r\nb", "-1", String(repeating: "x", count: 10_000), String(repeating: ":", count: 1000),
      "P:dependencies",
      "e\u{301}\u{1F468}\u{200D}\u{1F469}", "%s%n", "'; return redis.call('FLUSHALL')", "",
    ].enumerated().map { index, id in
      strange(
        "id \(index): \(id.prefix(20).debugDescription)", isSample: index % 4 == 0,
        [
          ["RPUSH", "bull:kid:wait", .text(id)], ["ZADD", "bull:kid:completed", "1", .text(id)],
          ["ZADD", "bull:kid:failed", "1", .text(id)], ["ZADD", "bull:par:waiting-children", "1", .text(id)],
          ["SADD", "bull:par:P:dependencies", .text("bull:kid:\(id)"), .text(id)],
          ["HSET", "bull:par:P:processed", .text("bull:kid:\(id)"), "1"],
          ["XADD", "bull:kid:events", "*", "event", "waiting", "jobId", .text(id)],
          ["HSET", "bull:kid:ready", "parentKey", .text(id)],
        ])
    }
  }
}
