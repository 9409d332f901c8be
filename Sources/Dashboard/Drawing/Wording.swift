import QueueClient

/// Numbers and times in words.
enum Wording {
  /// A span as people say it: `0.8s`, `31s`, `4m12s`, `3h05m`, `2d04h`.
  static func duration(milliseconds: Int) -> String {
    let seconds = max(0, milliseconds) / 1000
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    switch seconds {
    case ..<10: return "\(seconds).\(max(0, milliseconds) % 1000 / 100)s"
    case ..<60: return "\(seconds)s"
    case ..<3600: return "\(seconds / 60)m\(two(seconds % 60))s"
    case ..<86400: return "\(seconds / 3600)h\(two(seconds % 3600 / 60))m"
    default: return "\(seconds / 86400)d\(two(seconds % 86400 / 3600))h"
    }
  }

  /// A value on one line; strings without their quotes.
  static func value(_ json: JSON) -> String {
    json.string ?? json.text
  }

  /// A number without a needless fraction.
  static func number(_ value: Double) -> String { DecimalText.of(value) }

  /// A state in a word.
  static func state(_ state: JobState) -> String {
    state == .waitingChildren ? "waits" : state.rawValue
  }
}
