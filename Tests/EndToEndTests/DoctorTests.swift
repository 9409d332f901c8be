import PrivateRedis
import Redis
import TestSupport
import Testing

@testable import bullflow

/// What the doctor says of servers that are unlike others.
@Suite struct DoctorTests {
  private func lines(_ endpoint: RedisEndpoint, user: String? = nil) async throws -> (Int32, [String]) {
    var url = Peer.url(of: endpoint)
    if let user { url = url.replacing("unix://", with: "unix://\(user):pw@") }
    let result = try await ChildProcess.run(Places.bullflow, ["doctor"], environment: ["REDIS_URL": url])
    return (result.code, result.output.split(separator: "\n").map(String.init))
  }

  @Test func `a user without channel rights: notifications are of no use, whatever the server's setting`() async throws
  {
    try await withRedis(options: ["--notify-keyspace-events", "KA"]) { redis, server in
      #expect(try await lines(server.endpoint).1.contains { $0.hasPrefix("ok   notifications") })
      try await redis.send(["ACL", "SETUSER", "ann", "on", ">pw", "~*", "resetchannels", "+@all"])
      let (_, told) = try await lines(server.endpoint, user: "ann")
      #expect(told.contains { $0.hasPrefix("warn notifications") && $0.contains("event streams") }, "\(told)")
    }
  }

  @Test(arguments: [false, true])
  func `rights that a worker lacks are named`(mayAsk: Bool) async throws {
    try await withRedis { redis, server in
      #expect(try await lines(server.endpoint).1.contains { $0.hasPrefix("ok   rights") })
      try await redis.send([
        "ACL", "SETUSER", "ann", "on", ">pw", "~*", "&*", "+@all", "-bzpopmin", "-xread",
        mayAsk ? "+acl" : "-acl|dryrun",
      ])
      let (_, told) = try await lines(server.endpoint, user: "ann")
      #expect(
        told.contains { $0.hasPrefix("warn rights: workers need BZPOPMIN, XREAD,") && $0.contains("+bzpopmin +xread") },
        "\(told)")
      #expect(try await redis.send(["DBSIZE"]).int == 0)
    }
  }

  @Test(arguments: [false, true])
  func `a right that a worker can do without is named for what it is good for, or not at all`(mayAsk: Bool) async throws
  {
    try await withRedis { redis, server in
      let others = mayAsk ? "+acl" : "-acl|dryrun"
      try await redis.send(["ACL", "SETUSER", "ann", "on", ">pw", "~*", "&*", "+@all", "-script", .text(others)])
      #expect(try await lines(server.endpoint, user: "ann").1.contains { $0.hasPrefix("ok   rights") })
      try await redis.send(["ACL", "SETUSER", "ann", "-eval", "-client|setname"])
      let told = try await lines(server.endpoint, user: "ann").1
      #expect(told.contains { $0.hasPrefix("warn rights: workers need SCRIPT") && $0.contains("+script") }, "\(told)")
      try await redis.send(["ACL", "SETUSER", "ann", "+eval"])
      let named = try await lines(server.endpoint, user: "ann").1
      #expect(
        named.contains {
          $0.hasPrefix("warn rights: workers are shown only where they name themselves by CLIENT SETNAME")
            && $0.hasSuffix("+client|setname")
        }, "\(named)")
    }
  }

  @Test func `a replica is called that`() async throws {
    try await withRedis { redis, server in
      try await redis.send(["REPLICAOF", "127.0.0.1", "1"])
      let (_, told) = try await lines(server.endpoint)
      #expect(told.contains { $0.hasPrefix("warn replica") && $0.contains("127.0.0.1:1") }, "\(told)")
    }
  }

  @Test(arguments: [false, true])
  func `a node of a Cluster is called that`(hasSlots: Bool) async throws {
    let options = ["--cluster-enabled", "yes", "--cluster-port", "\(try PrivateRedis.freePort())"]
    try await withRedis(options: options, port: try PrivateRedis.freePort()) { redis, server in
      if hasSlots {
        try await redis.send(RedisCommand("CLUSTER", ["ADDSLOTS"] + (0..<16384).map(String.init)))
        _ = try await eventually {
          try await redis.send(["CLUSTER", "INFO"]).string?.contains("cluster_state:ok") == true
        }
      }
      let (code, told) = try await lines(server.endpoint)
      if hasSlots {
        #expect(told.contains { $0.hasPrefix("warn cluster") && $0.contains("0-16383") && $0.contains("{bull}") })
      } else {
        #expect(code == 1 && told.contains { $0.hasPrefix("fail cluster") && $0.contains("no slots") }, "\(told)")
      }
    }
  }

  @Test func `Valkey is named by its own version`() {
    let valkey = ServerInfo(text: "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.0.1\r\n")
    #expect(valkey.version == Finding(.ok, "version", "Valkey 8.0.1"))
    #expect(ServerInfo(text: "redis_version:6.0.9\r\n").version.level == .fail)
  }
}
