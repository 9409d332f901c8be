import FlowMonitor
import QueueClient

/// A word from a job's data that tells it from its brothers: `place: ceiling`. What repeats its name tells nothing.
enum Hint {
  /// Longer values are no hints.
  static let limit = 24

  /// - Parameter paths: members to look for, the first that is there; with none, the first short scalar.
  static func text(of job: FlowJob, paths: [String]) -> String? {
    guard let data = job.data else { return nil }
    if !paths.isEmpty {
      for path in paths {
        let parts = path.split(separator: ".").map(String.init)
        let value = parts.reduce(data as JSON?) { value, part in
          value?[part]
            ?? Int(part).flatMap { index in value?.array.flatMap { $0.indices.contains(index) ? $0[index] : nil } }
        }
        if let name = parts.last, let value, let text = scalar(value), text != job.name { return "\(name): \(text)" }
      }
      return nil
    }
    for member in data.members ?? [] where member.name.count <= limit {
      if let text = scalar(member.value), text != job.name { return "\(member.name): \(text)" }
    }
    return nil
  }

  private static func scalar(_ value: JSON) -> String? {
    switch value {
    case .string(let text): text.isEmpty || text == Masking.mark || text.count > limit ? nil : text
    case .number(let text): text
    case .bool(let flag): "\(flag)"
    case .null, .array, .object: nil
    }
  }
}
