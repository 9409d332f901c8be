import Foundation
import Redis

/// What a processor does with the job that it has in hand.
extension Job {
  /// Lets the job wait for children that were added while it ran (`moveToWaitingChildren`).
  ///
  /// ```swift
  /// try await producer.add(FlowNode(name: "extra", queueName: "steps", opts: ["parent": job.asParent]))
  /// if try await job.moveToWaitingChildren() { throw JobMoved.toWaitingChildren }
  /// ```
  ///
  /// - Parameter child: the one child that matters; `nil` is any.
  /// - Returns: whether it waits now: the processor then throws `JobMoved.toWaitingChildren`, and is run again, from
  ///   the top, when the children have ended. `false` when no child is pending.
  /// - Throws: `JobError.failedChildren`, `.notInHand`, `.missing`; `RedisError`.
  public func moveToWaitingChildren(child: JobKey? = nil) async throws -> Bool {
    try await leaveActive(to: "waiting-children", .text(child?.description ?? ""))
  }

  /// Puts the job off (`moveToDelayed`); the processor then throws `JobMoved.toDelayed`.
  ///
  /// - Parameter date: when it is due.
  /// - Throws: `JobError.notInHand`, `.missing`; `RedisError`.
  public func moveToDelayed(until date: Date) async throws {
    _ = try await leaveActive(to: "delayed", .init(milliseconds(of: date)))
  }

  /// Puts the job back to those that are ready, as the next one (`moveToWait`); the processor then throws
  /// `JobMoved.toWait`.
  ///
  /// - Throws: `JobError.notInHand`, `.missing`; `RedisError`.
  public func moveToWait() async throws {
    _ = try await leaveActive(to: "wait", "")
  }

  /// How a child added at run time names this job in its `opts.parent`.
  public var asParent: JSON { ["id": .string(id), "queue": .string(key.queue.description)] }

  private func leaveActive(to place: RedisCommand.Argument, _ need: RedisCommand.Argument) async throws -> Bool {
    guard token != nil else { throw JobError.notInHand(key) }
    let reply = try await redis.run(
      Scripts.leaveActive, keys: [key.queue.description],
      arguments: [.init(milliseconds(of: Date())), place, need, .text(lock.id), .text(lock.token)])
    switch reply.array?.first?.int {
    case 0: return true
    case 1: return false
    case -1: throw JobError.missing(key)
    case -9: throw JobError.failedChildren(of: key)
    case nil: throw RedisError.unexpectedReply(command: Scripts.leaveActive.name)
    default: throw JobError.notInHand(key)
    }
  }
}
