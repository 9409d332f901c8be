import Foundation
import NIOCore
import NIOPosix
import PrivateRedis
import TestSupport
import Testing

@testable import Redis

/// Servers that are broken, hostile, slow, or gone.
@Suite struct FaultTests {
  /// A server that answers whatever is sent first with the same bytes.
  private func withServer(
    answering answer: String, closing: Bool = false, _ body: (RedisEndpoint) async throws -> Void
  ) async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Parrot(answer: answer, closing: closing))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    do {
      try await body(RedisEndpoint(address: .tcp(host: "127.0.0.1", port: server.localAddress?.port ?? 0)))
    } catch {
      try await server.close()
      throw error
    }
    try await server.close()
  }

  private final class Parrot: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    let answer: String
    let closing: Bool

    init(answer: String, closing: Bool) { (self.answer, self.closing) = (answer, closing) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      if !answer.isEmpty {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
      }
      if closing { context.close(promise: nil) }
    }
  }

  private func error(of endpoint: RedisEndpoint, limits: ReplyLimits = ReplyLimits()) async -> RedisError? {
    let client = RedisClient(
      configuration: RedisConfiguration(
        endpoint: endpoint, connectTimeout: .milliseconds(400), commandTimeout: .milliseconds(400), limits: limits))
    defer { client.close() }
    return await #expect(throws: RedisError.self) { _ = try await client.send(["GET", "key"]) }
  }

  @Test(arguments: [
    "HTTP/1.1 400 Bad Request\r\n\r\n", "\u{0}\u{1}\u{2}",
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
    "*-5\r\n", "$99999999999999999999\r\n",
  ])
  func `a server that does not speak Redis gives an error, not a crash`(answer: String) async throws {
    try await withServer(answering: answer) { endpoint in
      let error = await error(of: endpoint)
      #expect(error?.description.contains(endpoint.host) == true || error?.description.isEmpty == false)
    }
  }

  @Test func `a server that never answers is given up`() async throws {
    try await withServer(answering: "") { endpoint in
      let start = ContinuousClock.now
      let error = await error(of: endpoint)
      #expect(error?.isConnectionFailure == true)
      #expect(ContinuousClock.now - start < .seconds(5))
    }
  }

  @Test func `a server that hangs up in the middle of a reply is told`() async throws {
    try await withServer(answering: "$100\r\nhalf", closing: true) { endpoint in
      #expect(await error(of: endpoint)?.isConnectionFailure == true)
    }
  }

  @Test func `a reply without end is cut off at the limit`() async throws {
    let long = "$100000000\r\n" + String(repeating: "x", count: 200_000)
    try await withServer(answering: long) { endpoint in
      #expect(await error(of: endpoint, limits: ReplyLimits(bytes: 50_000)) != nil)
    }
  }

  @Test func `commands under way fail when the server dies, and later ones work when it is back`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bullflow-\(UUID().uuidString)")
    let first = try await PrivateRedis.start(directory: folder)
    let client = RedisClient(
      configuration: RedisConfiguration(
        endpoint: first.endpoint, backoff: Backoff(base: .milliseconds(5), limit: .milliseconds(50))))
    defer { client.close() }
    try await client.send(["PING"])
    let waiting = Task { try await client.send(["BLPOP", "never", "0"]) }
    try await Task.sleep(for: .milliseconds(50))
    first.stop()
    let lost = await #expect(throws: RedisError.self) { try await waiting.value }
    #expect(lost?.isConnectionFailure == true)
    #expect(lost?.description.contains("BLPOP") == true)
    await #expect(throws: RedisError.self) { try await client.send(["PING"]) }
    let second = try await PrivateRedis.start(directory: folder)
    defer { second.stop() }
    let back = try await eventually { (try? await client.send(["PING"])) != nil }
    #expect(back != nil)
  }

  @Test func `a subscriber says when it is cut off, and hears again afterwards`() async throws {
    try await withRedis { redis, server in
      let subscriber = RedisSubscriber(
        configuration: RedisConfiguration(endpoint: server.endpoint, backoff: Backoff(base: .milliseconds(5))))
      try await subscriber.follow(channels: ["news"], patterns: [])
      let running = Task { await subscriber.run() }
      defer { running.cancel() }
      var seen: [String] = []
      for await event in subscriber.events {
        switch event {
        case .connected:
          seen.append("connected")
          if seen.count == 1 {
            try await redis.send(["CLIENT", "KILL", "TYPE", "pubsub"])
          } else {
            try await redis.send(["PUBLISH", "news", "hello"])
          }
        case .disconnected: seen.append("disconnected")
        case .refused: seen.append("refused")
        case .messages(let messages): seen += messages.map(\.payload)
        }
        if seen.last == "hello" { break }
      }
      #expect(seen == ["connected", "disconnected", "connected", "hello"])
    }
  }
}
