import Redis
import Testing

@testable import QueueClient

/// What may stand in a job's options.
@Suite struct OptionTests {
  /// Values that each option takes, and values that it does not.
  private static let table: [(name: String, good: [JSON], bad: [JSON])] = [
    ("priority", [0, 1, 2_097_151], [-1, 2_097_152, 1.5, "1", true]), ("delay", naturals, others),
    ("attempts", naturals, others), ("timestamp", naturals, others), ("sizeLimit", [0, 1000], others),
    ("keepLogs", naturals, others), ("stackTraceLimit", naturals, others), ("lifo", flags, noFlags),
    ("failParentOnFailure", flags, noFlags), ("continueParentOnFailure", flags, noFlags),
    ("ignoreDependencyOnFailure", flags, noFlags), ("removeDependencyOnFailure", flags, noFlags),
    (
      "backoff",
      naturals + [["type": "fixed"], ["type": "own", "delay": 5, "jitter": 0.5], ["type": "fixed", "delay": nil]],
      others + [
        [:], ["delay": 5], ["type": 5], ["type": ""], ["type": "fixed", "delay": -1], ["type": "fixed", "delay": 0.5],
        ["type": "fixed", "delay": "5"], ["type": "fixed", "jitter": 2], ["type": "fixed", "jitter": "much"],
        ["type": "fixed", "delay": .number("1e300")],
      ]
    ), ("removeOnComplete", keeps, noKeeps), ("removeOnFail", keeps, noKeeps),
    (
      "deduplication",
      [["id": "d"], ["id": "d", "ttl": 5, "extend": true, "replace": false, "keepLastIfActive": nil]],
      [
        "d", 5, [:], ["id": ""], ["id": 5], ["id": "d", "ttl": .number("1e300")], ["id": "d", "ttl": -1],
        ["id": "d", "ttl": 0.5], ["id": "d", "ttl": "5"], ["id": "d", "extend": 1], ["id": "d", "replace": "yes"],
        ["id": "d", "keepLastIfActive": [:]],
      ]
    ), ("telemetry", [["metadata": "m", "omitContext": true], [:]], ["m", ["metadata": 5], ["omitContext": 1]]),
    ("jobId", ["a", "", "9007199254740993"], [5, "5", "a:b", "wait", "0:1", true]),
    (
      "parent", [["id": "a", "queue": "bull:q"]],
      ["a", ["id": "a"], ["id": 5, "queue": "bull:q"], ["id": "a", "queue": "q"], ["queue": "bull:q"]]
    ), ("repeat", [nil], [["every": 5]]), ("debounce", [nil], [["id": "d"]]), ("somebodysOwn", [5, "x", [:]], []),
  ]
  private static let naturals: [JSON] = [0, 1, .number("5.0"), .number("1e3"), 9_007_199_254_740_990, nil]
  private static let others: [JSON] = [
    -1, 0.5, "5", true, [5], .number("1e300"), .number("-1e300"), .number("9223372036854775808"),
    9_007_199_254_740_992,
  ]
  private static let flags: [JSON] = [true, false, nil]
  private static let noFlags: [JSON] = [1, 0, "true", [:], []]
  private static let keeps: [JSON] = [
    true, false, 0, 5, -1, nil, [:], ["count": 5], ["age": 60, "count": -1, "limit": 100], ["age": nil],
  ]
  private static let noKeeps: [JSON] = [
    -2, 0.5, "5", [5], .number("1e300"), ["age": -1], ["age": "1h"], ["count": 0.5], ["count": -2], ["limit": true],
    ["age": .number("1e300")],
  ]

  @Test func `every option takes what it should, and nothing else`() {
    for (name, good, bad) in Self.table {
      for value in good { #expect(fault(name, value) == nil, "\(name) \(value.text)") }
      for value in bad {
        let fault = fault(name, value)
        #expect(fault?.contains(name) == true, "\(name) \(value.text): \(fault ?? "taken")")
        #expect((fault?.count ?? 0) < 200 && fault?.contains("\n") != true)
      }
    }
  }

  @Test func `every option with a shape is in the table`() {
    #expect(Set(OptionShape.all.map(\.name)).isSubset(of: Set(Self.table.map(\.name))))
  }

  @Test(arguments: [
    (#"{"delay":1e300}"#, "delay 1e300 is not a whole number from 0 on; it is too large"),
    (#"{"lifo":"yes"}"#, #"lifo "yes" is not true or false"#),
    (#"{"removeOnFail":{"age":"1h"}}"#, #"removeOnFail age "1h" is not a whole number from 0 on"#),
    (#"{"backoff":{"delay":5}}"#, "backoff has no type"),
    (#"{"backoff":"slow"}"#, #"backoff "slow" is not a whole number from 0 on, or an object with type"#),
    (#"{"backoff":{"type":"fixed","jitter":2}}"#, "backoff jitter 2 is not in 0...1"),
    (#"{"priority":-1}"#, "priority -1 is not a whole number in 0...2097151"),
  ])
  func `a fault is told in a line`(opts: String, words: String) throws {
    let opts = try #require(JobOptions(try JSON(parsing: opts)))
    #expect(OptionShape.fault(in: opts) == words)
  }

  private func fault(_ name: String, _ value: JSON) -> String? {
    var opts: JobOptions = [:]
    opts[name] = value
    return FlowRules.fault(
      in: FlowNode(name: "a", queueName: "q"), opts: opts, data: "{}", isChild: false)
  }
}
