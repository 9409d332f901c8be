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

  @Test(arguments: [
    "redis://:s3/cret@host", "redis://:s3#cret@host:6379/0", "redis://u:s3?cret@host", "redis://u:12/s3cret@host",
    "redis://u:s3cret", "redis://u:99999", "redis://host/s3cret", "redis://host?db=s3cret", "s3cret@host://",
    "s3cret", "unix://:12/s3cret@/run/redis.sock", "redis://:s3%zzcret@host", "redis://:s3 cret@host",
    "redis+cluster://:s3cret@host", "redis://[s3cret", "redis://:s3cret@host:s3cret",
  ])
  func `what is wrong with a URL is told without any part of it`(url: String) throws {
    let error = try #require(throws: RedisError.self) { try RedisEndpoint(url: url) }
    for piece in ["s3", "cret", "99999", "host:6379/0"] { #expect(!error.description.contains(piece), "\(error)") }
  }

  @Test(arguments: [" redis://host:7000 ", "redis://host:7000\r\n", "\u{FEFF}redis://host:7000\n"])
  func `blanks, line ends and a byte order mark around a URL do not count`(url: String) throws {
    #expect(try RedisEndpoint(url: url).address == .tcp(host: "host", port: 7000))
  }

  @Test func `a password may hold what is percent-encoded, and a plain @ or %-free colon`() throws {
    #expect(try RedisEndpoint(url: "redis://:w%3Ard%23%2F%3F@host/2").password == "w:rd#/?")
    #expect(try RedisEndpoint(url: "redis://ann:p@ss:word@host").password == "p@ss:word")
    #expect(try RedisEndpoint(url: "redis://[::1]:7000/1").host == "[::1]:7000")
    #expect(try RedisEndpoint(url: "redis://host:7000?family=6").database == 0)
  }

  @Test func `no description shows the password`() throws {
    let endpoint = try RedisEndpoint(url: "redis://ann:secret@host/1")
    var dumped = ""
    dump(endpoint, to: &dumped)
    #expect(!"\(endpoint) \(String(reflecting: endpoint)) \(dumped)".contains("secret"))
  }
}
