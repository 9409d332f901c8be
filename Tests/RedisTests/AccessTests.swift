import Foundation
import PrivateRedis
import TestSupport
import Testing

@testable import Redis

/// Getting in: passwords, users, sockets, TLS.
@Suite struct AccessTests {
  private func client(_ endpoint: RedisEndpoint) -> RedisClient {
    RedisClient(configuration: RedisConfiguration(endpoint: endpoint, connectTimeout: .seconds(3)))
  }

  private func error(of endpoint: RedisEndpoint) async -> RedisError? {
    let client = client(endpoint)
    defer { client.close() }
    do {
      try await client.send(["PING"])
      return nil
    } catch {
      return error as? RedisError
    }
  }

  @Test func `a Unix socket is reached, and its database chosen`() async throws {
    try await withRedis { redis, server in
      guard case .unix(let path) = server.endpoint.address else {
        Issue.record("the private Redis has no socket")
        return
      }
      let other = try RedisClient(url: "unix://\(path)?db=3")
      defer { other.close() }
      try await other.send(["SET", "here", "3"])
      #expect(try await redis.send(["EXISTS", "here"]).int == 0)
      #expect(try await other.send(["GET", "here"]).string == "3")
    }
  }

  @Test func `a password is asked for, and a wrong one is refused without being shown`() async throws {
    try await withRedis(options: ["--requirepass", "s3cret"]) { _, server in
      var endpoint = server.endpoint
      let without = await error(of: endpoint)
      #expect(without?.description.contains("wants a password") == true)
      endpoint.password = "wr0ng"
      let wrong = await error(of: endpoint)
      #expect(wrong?.description.contains("wrong user or password") == true)
      #expect(wrong?.description.contains("wr0ng") == false)
      endpoint.password = "s3cret"
      #expect(await error(of: endpoint) == nil)
    }
  }

  @Test func `an ACL user does what it may, and is told what it may not`() async throws {
    try await withRedis { redis, server in
      try await redis.send(["ACL", "SETUSER", "ann", "on", ">pw", "~bull:*", "+@read", "+ping", "+client"])
      var endpoint = server.endpoint
      (endpoint.username, endpoint.password) = ("ann", "pw")
      let ann = client(endpoint)
      defer { ann.close() }
      #expect(try await ann.send(["GET", "bull:x"]) == .null)
      let refused = await #expect(throws: RedisError.self) { try await ann.send(["SET", "bull:x", "1"]) }
      #expect(refused?.isMissingRight == true)
      #expect(refused?.description.contains("SET") == true)
    }
  }

  @Test func `nobody listening is told with the host`() async throws {
    let port = try PrivateRedis.freePort()
    let refused = await error(of: RedisEndpoint(address: .tcp(host: "127.0.0.1", port: port)))
    #expect(refused?.isConnectionFailure == true)
    #expect(refused?.description.contains("127.0.0.1:\(port)") == true)
    let noSocket = await error(of: RedisEndpoint(address: .unix(path: "/nowhere/redis.sock")))
    #expect(noSocket?.description.contains("/nowhere/redis.sock") == true)
  }

  @Test func `TLS checks the server's certificate, and shows ours`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await Self.makeCertificate(in: folder)
    let (certificate, key) = (folder.appending(path: "cert.pem").path, folder.appending(path: "key.pem").path)
    let port = try PrivateRedis.freePort()
    let options = [
      "--tls-port", "\(port)", "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate,
    ]
    try await withRedis(options: options) { _, _ in
      var endpoint = RedisEndpoint(address: .tcp(host: "localhost", port: port), tls: RedisEndpoint.TLS())
      let untrusted = await error(of: endpoint)
      #expect(untrusted?.isConnectionFailure == true)
      #expect(
        untrusted?.description.localizedCaseInsensitiveContains("certificate") == true,
        "\(String(describing: untrusted))")
      endpoint.tls?.authorityFile = certificate
      // The server wants to see a certificate of ours.
      #expect(await error(of: endpoint) != nil)
      endpoint.tls?.certificateFile = certificate
      endpoint.tls?.keyFile = key
      #expect(await error(of: endpoint) == nil)
      endpoint.tls?.authorityFile = nil
      endpoint.tls?.acceptsAnyCertificate = true
      #expect(await error(of: endpoint) == nil)
      endpoint.tls?.authorityFile = "/nowhere.pem"
      endpoint.tls?.acceptsAnyCertificate = false
      #expect(await error(of: endpoint)?.description.contains("/nowhere.pem") == true)
    }
  }

  private static func makeCertificate(in folder: URL) async throws {
    let made = try await ChildProcess.run(
      "/usr/bin/env",
      [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder.appending(path: "key.pem").path,
        "-out", folder.appending(path: "cert.pem").path,
      ])
    try #require(made.code == 0, "openssl: \(made.errors)")
  }
}
