import PrivateRedis
import QueueClient
import Redis
import TestSupport
import Testing

/// States of a Redis that real people met, and that readers got wrong before: what each command says of them.
@Suite struct KnownStateTests {
  /// A state, and what is to be read of it.
  struct State: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What makes it, beside a parent `par/P1` that waits for the child `kid/K1`.
    var commands: [String]
    /// What `tree` says.
    var tree: [String] = []
    /// The first cause that `explain` names; `nil` where the flow needs nobody but a worker.
    var cause: String?
    /// What `doctor`, and what `doctor --deep`, says.
    var doctor: [String] = []
    var deep: [String] = []
  }

  static let states: [State] = [
    State(
      testDescription: "a delay without end", commands: ["ZADD bull:kid:delayed inf K1"],
      tree: ["◷ fetch", "delayed"], cause: "no-worker", deep: ["ok   consistency"]),
    State(
      testDescription: "a pending child that is gone", commands: ["DEL bull:kid:K1"],
      tree: ["kid/K1  gone, its parent waits for it"], cause: "missing-child", doctor: ["1 missing-child"]),
    State(
      testDescription: "a job that failed once and waits for its second try",
      commands: [
        "RPUSH bull:kid:wait K1",
        "HSET bull:kid:K1 processedOn 1795000001000 ats 1 atm 1 opts {\"attempts\":3} failedReason boom",
      ], tree: ["· fetch", "waiting"], cause: "no-worker", doctor: ["1 looked at, 1 needs somebody"],
      deep: ["ok   consistency"]),
    State(
      testDescription: "a parent that waits for none",
      commands: ["DEL bull:par:P1:dependencies bull:kid:K1", "HSET bull:par:P1:processed bull:kid:K1 7"],
      tree: ["kid/K1  completed, removed  = 7"], cause: "waits-for-nothing", doctor: ["1 waits-for-nothing"]),
    State(
      testDescription: "a child whose parent was evicted", commands: ["RPUSH bull:kid:wait K1", "DEL bull:par:P1"],
      tree: ["its parent par/P1 is gone"], cause: "missing-parent", doctor: ["1 missing-parent"],
      deep: ["there is no such job"]),
    State(
      testDescription: "children that were removed when they completed",
      commands: [
        "DEL bull:par:P1:dependencies bull:kid:K1", "ZREM bull:par:waiting-children P1", "RPUSH bull:par:wait P1",
        "HSET bull:par:P1:processed bull:kid:a 0.1 bull:kid:b 0.2",
      ], tree: ["Σ 0.3", "kid/a  completed, removed  = 0.1"], cause: "no-worker", deep: ["ok   consistency"]),
    State(
      testDescription: "a time that is none",
      commands: ["RPUSH bull:kid:wait K1", "HSET bull:kid:K1 timestamp -9223372036854775808"],
      tree: ["· fetch"], cause: "no-worker", doctor: ["1 looked at, 1 needs somebody"], deep: ["ok   consistency"]),
    State(
      testDescription: "a key of another type",
      commands: ["RPUSH bull:kid:wait K1", "HSET bull:weird:meta x 1", "SET bull:weird:waiting-children oops"],
      tree: ["· fetch"], cause: "no-worker",
      doctor: ["fail key bull:weird:waiting-children", "1 looked at, 1 needs somebody"],
      deep: ["bull:weird:waiting-children: is a string"]),
    State(
      testDescription: "a paused queue below", commands: ["RPUSH bull:kid:paused K1", "HSET bull:kid:meta paused 1"],
      tree: ["· fetch"], cause: "queue-paused", doctor: ["queue kid", "which is paused"], deep: ["ok   consistency"]),
    State(
      testDescription: "a scheduler's job as a parent",
      commands: [
        "RPUSH bull:kid:wait K1", "HSET bull:cron:meta x 1",
        "HSET bull:cron:repeat:daily:1795000000000 name nightly data {} opts {} timestamp 1795000000000",
        "ZADD bull:cron:waiting-children 1 repeat:daily:1795000000000",
        "SADD bull:cron:repeat:daily:1795000000000:dependencies bull:kid:1",
        "HSET bull:kid:1 name fetch data {} opts {} timestamp 1795000000000 parentKey bull:cron:repeat:daily:1795000000000"
          + " parent {\"id\":\"repeat:daily:1795000000000\",\"queueKey\":\"bull:cron\"}",
        "RPUSH bull:kid:wait 1",
      ], tree: ["cron/repeat:daily:1795000000000  waiting-children  0 of 1 done"], cause: "no-worker",
      doctor: ["2 looked at, 2 need somebody"], deep: ["ok   consistency"]),
  ]

  private static let common = [
    "HSET bull:par:meta opts.maxLenEvents 10000", "HSET bull:kid:meta opts.maxLenEvents 10000",
    "HSET bull:par:P1 name nightly data {} opts {} timestamp 1795000000000",
    "ZADD bull:par:waiting-children 1795000000000 P1", "SADD bull:par:P1:dependencies bull:kid:K1",
    "HSET bull:kid:K1 name fetch data {} opts {} timestamp 1795000000000 parentKey bull:par:P1"
      + " parent {\"id\":\"P1\",\"queueKey\":\"bull:par\"}",
  ]

  @Test(arguments: states) func `a state that went wrong is told as it is by every reader`(state: State) async throws {
    try await withRedis { redis, server in
      for line in Self.common + state.commands {
        let words = line.split(separator: " ").map(String.init)
        try await redis.send(RedisCommand(words[0], Array(words.dropFirst())))
      }
      let url = Peer.url(of: server.endpoint)
      func bullflow(_ arguments: String...) async throws -> ChildProcess.Result {
        try await ChildProcess.run(Places.bullflow, arguments + ["--url", url])
      }
      let tree = try await bullflow("tree")
      for words in state.tree { #expect(tree.output.contains(words), "\(tree.output)\(tree.errors)") }
      let job = state.cause == "missing-parent" ? ["kid", "K1"] : ["par", "P1"]
      let told = try JSON(parsing: try await bullflow("explain", job[0], job[1], "--json").output)
      #expect(told["causes"]?.array?.first?["code"]?.string == state.cause, "\(told.text)")
      let doctor = try await bullflow("doctor")
      for words in state.doctor { #expect(doctor.output.contains(words), "\(doctor.output)\(doctor.errors)") }
      let deep = try await bullflow("doctor", "--deep")
      for words in state.deep { #expect(deep.output.contains(words), "\(deep.output)\(deep.errors)") }
      let snapshot = try await bullflow("snapshot", "--width", "120", "--height", "20")
      #expect(snapshot.code == 0 && snapshot.output.contains("1 Flows"), "\(snapshot.output)\(snapshot.errors)")
    }
  }
}
