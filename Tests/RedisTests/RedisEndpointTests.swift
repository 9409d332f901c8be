import Testing

@testable import Redis

@Suite struct RedisEndpointTests {
  @Test func `a URL without parts is the local Redis`() throws {
    let endpoint = try RedisEndpoint(url: "redis://")
    #expect(endpoint == RedisEndpoint())
    #expect(endpoint.host == "127.0.0.1:6379")
  }

  @Test func `all parts of a URL are used`() throws {
    let endpoint = try RedisEndpoint(url: "rediss://ann:p%40ss@example.com:7000/3")
    #expect(endpoint.address == .tcp(host: "example.com", port: 7000))
    #expect(endpoint.tls == RedisEndpoint.TLS())
    #expect(endpoint.username == "ann")
    #expect(endpoint.password == "p@ss")
    #expect(endpoint.database == 3)
  }

  @Test func `a Unix socket takes its database from the query`() throws {
    let endpoint = try RedisEndpoint(url: "unix:///run/redis.sock?db=2")
    #expect(endpoint.address == .unix(path: "/run/redis.sock"))
    #expect(endpoint.database == 2)
  }

  @Test(arguments: [
    "localhost:6379", "http://localhost", "redis://host:99999", "redis://host/abc", "unix://run/redis.sock",
    "redis://host/-1",
  ])
  func `a URL that cannot be used is refused`(url: String) {
    #expect(throws: RedisError.self) { try RedisEndpoint(url: url) }
  }

  @Test func `no description shows the password`() throws {
    let endpoint = try RedisEndpoint(url: "redis://ann:secret@host/1")
    var dumped = ""
    dump(endpoint, to: &dumped)
    #expect(!"\(endpoint) \(String(reflecting: endpoint)) \(dumped)".contains("secret"))
  }
}
