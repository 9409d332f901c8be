import Redis
import Synchronization

/// Looks at many jobs at once: one read-only script for fifty jobs, or the same questions as a pipeline where the server
/// lets us run no scripts.
public struct JobInspector: Sendable {
  private let redis: RedisClient
  private let refusal = Refusal()

  private final class Refusal: Sendable {
    let isKnown = Mutex(false)
  }

  /// How much of a job is wanted.
  public enum Depth: String, Sendable {
    /// Everything that is short.
    case whole
    /// Its state, its name and why it failed. Lists of waiting jobs are not looked at: a job that exists and is
    /// nowhere else is assumed to be there.
    case brief
  }

  /// What was found.
  public struct Inspection: Sendable {
    /// The jobs, in the order asked for; those that do not exist are among them.
    public var jobs: [InspectedJob] = []
    /// Keys that hold something else than they should.
    public var wrongTyped: Set<String> = []
  }

  /// How many jobs one call looks at.
  static let batch = 50
  /// So many calls go out in one write: others wait for Redis no longer than that.
  static let callsAtOnce = 4
  /// Lists of up to so many jobs are looked through.
  static let wholeList = 4000
  /// Of longer ones, so many at each end.
  static let listEnd = 2000

  /// An inspector of the jobs of a Redis.
  public init(connection redis: RedisClient) { self.redis = redis }

  /// Looks at jobs.
  ///
  /// - Throws: `RedisError`; a key of a wrong type is no error.
  public func inspect(_ keys: [JobKey], depth: Depth = .whole) async throws -> Inspection {
    guard !keys.isEmpty else { return Inspection() }
    if !refusal.isKnown.withLock({ $0 }) {
      do {
        return try await byScript(keys, depth)
      } catch let error as RedisError where error.isScriptRefused {
        refusal.isKnown.withLock { $0 = true }
      }
    }
    return try await byPipeline(keys, depth)
  }

  private func byScript(_ keys: [JobKey], _ depth: Depth) async throws -> Inspection {
    let calls = stride(from: 0, to: keys.count, by: Self.batch).map { first -> ScriptCall in
      let portion = keys[first..<min(first + Self.batch, keys.count)]
      let fixed: [RedisCommand.Argument] = [
        .text(depth.rawValue), .init(InspectedJob.textLimit), .init(Self.wholeList), .init(Self.listEnd),
      ]
      return ScriptCall(
        keys: portion.map(\.description),
        arguments: fixed + portion.flatMap { [.text($0.queue.description), .text($0.id)] })
    }
    var inspection = Inspection()
    var refused = RefusedKeys()
    for reply in try await redis.run(ReadScripts.inspectJobs, calls, atOnce: Self.callsAtOnce) {
      let rows = reply.array?.first?.array ?? []
      refused.add(reply.array?.last)
      for row in rows {
        let key = keys[inspection.jobs.count]
        inspection.jobs.append(InspectedJob(key: key, row: row))
      }
    }
    guard inspection.jobs.count == keys.count else { throw RedisError.unexpectedReply(command: "inspectJobs") }
    return try finished(inspection, refused)
  }

  private func byPipeline(_ keys: [JobKey], _ depth: Depth) async throws -> Inspection {
    var inspection = Inspection()
    var refused = RefusedKeys()
    for first in stride(from: 0, to: keys.count, by: Self.batch) {
      let portion = Array(keys[first..<min(first + Self.batch, keys.count)])
      let look = JobQuestions(portion, depth: depth)
      let answers = try await redis.rawReplies(to: look.commands)
      let texts = look.textCommands(answers)
      let textAnswers = try await redis.rawReplies(to: texts)
      inspection.jobs += look.jobs(answers, textAnswers)
      look.note(answers, in: &refused)
    }
    return try finished(inspection, refused)
  }

  /// Where nothing could be read for another reason than a wrong type, that is an error.
  private func finished(_ inspection: Inspection, _ refused: RefusedKeys) throws -> Inspection {
    if let line = refused.otherLine, !inspection.jobs.contains(where: \.exists) {
      throw RedisError.reply(command: "inspecting jobs", line: line)
    }
    var inspection = inspection
    inspection.wrongTyped = refused.wrongTyped
    return inspection
  }
}
