import Redis

/// A flow too large for one call: the hashes of its jobs are written ahead in small steps, where nobody looks for
/// them, and what is left for the last, atomic step is to link them.
///
/// A hash with a random id stands at its own place already, one with a given id beside it. All of them go by
/// themselves when the last step never comes.
struct StagedFlow {
  /// What one call may add. Larger flows are staged.
  struct Limits: Sendable {
    /// Jobs: each costs Redis about ten microseconds.
    var jobs = 1500
    /// Bytes of data, which a script copies.
    var bytes = 1 << 20
  }

  let plan: FlowPlan
  let hashes: [JobHash]
  let name: String
  let redis: RedisClient

  /// How long what was written ahead may stand without the last step.
  private static let lifetime = Duration.seconds(600)
  /// How many hashes one write holds.
  private static let step = 200

  static func isNeeded(for plan: FlowPlan, limits: Limits) -> Bool {
    plan.jobs.count > limits.jobs || plan.jobs.reduce(0) { $0 + $1.data.utf8.count } > limits.bytes
  }

  /// Where a hash is written; the script knows that too.
  private func place(of index: Int) -> String {
    let job = plan.jobs[index]
    return job.isIDGiven ? "\(job.key):\(name)-\(index + 1)" : job.key.description
  }

  /// Writes the hashes.
  func write() async throws {
    for first in stride(from: 0, to: plan.jobs.count, by: Self.step) {
      let range = first..<min(first + Self.step, plan.jobs.count)
      let commands = range.flatMap { index -> [RedisCommand] in
        let place = place(of: index)
        return [
          RedisCommand("HSET", [place] + hashes[index].fields(of: plan.jobs[index])),
          ["PEXPIRE", .text(place), .init(Self.lifetime.milliseconds)],
        ]
      }
      try await redis.pipeline(commands)
    }
  }

  /// Takes away what was written, where the last step was refused.
  func discard() async {
    for first in stride(from: 0, to: plan.jobs.count, by: Self.step) {
      let places = (first..<min(first + Self.step, plan.jobs.count)).map(place)
      // What cannot be reached now goes by itself later.
      guard (try? await redis.send(RedisCommand("UNLINK", places))) != nil else { return }
    }
  }
}
