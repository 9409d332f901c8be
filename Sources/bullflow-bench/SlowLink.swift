import NIOCore
import NIOPosix

/// A way to a Redis on which everything takes a while: what is sent arrives later, each way by the same time.
struct SlowLink {
  /// Where it is listened on, on this machine.
  let port: Int
  private let listener: any Channel

  /// Opens a way to a socket.
  ///
  /// - Parameters:
  ///   - path: the Unix socket of the Redis.
  ///   - roundTrip: there and back.
  static func open(to path: String, roundTrip: Duration) async throws -> SlowLink {
    let delay = TimeAmount(roundTrip / 2)
    let group = MultiThreadedEventLoopGroup.singleton
    let listener = try await ServerBootstrap(group: group)
      .childChannelOption(.autoRead, value: true)
      .childChannelInitializer { near in
        ClientBootstrap(group: near.eventLoop).connect(unixDomainSocketPath: path).flatMapThrowing { far in
          try far.pipeline.syncOperations.addHandler(DelayedRelay(to: near, by: delay))
          try near.pipeline.syncOperations.addHandler(DelayedRelay(to: far, by: delay))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return SlowLink(port: listener.localAddress?.port ?? 0, listener: listener)
  }

  func close() async throws { try await listener.close() }
}

/// Sends on what comes in, after a while.
private final class DelayedRelay: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let peer: any Channel
  private let delay: TimeAmount

  init(to peer: any Channel, by delay: TimeAmount) {
    self.peer = peer
    self.delay = delay
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    let peer = peer
    context.eventLoop.scheduleTask(in: delay) { peer.writeAndFlush(bytes, promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    let peer = peer
    context.eventLoop.scheduleTask(in: delay) { peer.close(promise: nil) }
  }
}
