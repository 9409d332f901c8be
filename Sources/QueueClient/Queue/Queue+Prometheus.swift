import Redis

extension Queue {
  /// How many jobs are in each state, and how many ended, as Prometheus reads it (`exportPrometheusMetrics`).
  ///
  /// - Parameter labels: labels of one's own, on every line, in the order of their names.
  /// - Throws: `RedisError`.
  public func exportPrometheusMetrics(labels: [String: String] = [:]) async throws -> String {
    let counts = try await getJobCounts()
    let ended = [try await getMetrics(.completed).count, try await getMetrics(.failed).count]
    return Self.prometheus(queue: name, counts: counts, completed: ended[0], failed: ended[1], labels: labels)
  }

  /// The text of it. Pure.
  static func prometheus(
    queue: String, counts: [JobState: Int], completed: Int, failed: Int, labels: [String: String]
  ) -> String {
    let own = "queue=\"\(escape(queue))\""
    let others = labels.sorted { $0.key < $1.key }.map { ", \($0.key)=\"\(escape($0.value))\"" }.joined()
    var lines = [
      "# HELP bullmq_job_count Number of jobs in the queue by state", "# TYPE bullmq_job_count gauge",
    ]
    for (state, count) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      lines.append("bullmq_job_count{\(own), state=\"\(state.rawValue)\"\(others)} \(count)")
    }
    for (state, count) in [("completed", completed), ("failed", failed)] {
      lines += [
        "# HELP bullmq_job_\(state)_total Total number of \(state) jobs", "# TYPE bullmq_job_\(state)_total counter",
        "bullmq_job_\(state)_total{\(own)\(others)} \(count)",
      ]
    }
    return lines.joined(separator: "\n")
  }

  /// A label's value, as the text format has it.
  private static func escape(_ value: String) -> String {
    value.reduce(into: "") { text, character in
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.append(character)
      }
    }
  }
}
