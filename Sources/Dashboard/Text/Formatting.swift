import FlowMonitor
import Foundation
import QueueClient
import Redis

/// Numbers and times as people write them.
public enum Formatting {
  /// A span: `0.8s`, `31s`, `4m12s`, `3h05m`, `2d04h`.
  ///
  /// - Parameter isRunning: whether it still grows; tenths of it would only flicker.
  public static func duration(milliseconds: Int, isRunning: Bool = false) -> String {
    let seconds = max(0, milliseconds) / 1000
    switch seconds {
    case ..<10: return isRunning ? "\(seconds)s" : "\(seconds).\(max(0, milliseconds) % 1000 / 100)s"
    case ..<60: return "\(seconds)s"
    case ..<3600: return "\(seconds / 60)m\(two(seconds % 60))s"
    case ..<86400: return "\(seconds / 3600)h\(two(seconds % 3600 / 60))m"
    default: return "\(seconds / 86400)d\(two(seconds % 86400 / 3600))h"
    }
  }

  /// A time of day, here: `14:02:31`.
  static func clock(_ seconds: Double) -> String {
    var time = time_t(Int(clamping: seconds))
    var parts = tm()
    localtime_r(&time, &parts)
    return "\(two(Int(parts.tm_hour))):\(two(Int(parts.tm_min))):\(two(Int(parts.tm_sec)))"
  }

  /// A count with its thousands set apart: `9,331`.
  public static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return number < 0 ? "-" + text : text
  }

  /// A count, with `≥` where it is a lower bound, and `~` where it is near.
  static func count(_ number: KnownCount) -> String {
    switch number.precision {
    case .exact: count(number.value)
    case .atLeast: Glyphs.atLeast + count(number.value)
    case .about: Glyphs.about + count(number.value)
    }
  }

  /// `1 problem`, `3 problems`.
  public static func count(_ number: Int, _ word: String) -> String {
    "\(count(number)) \(word)\(number == 1 ? "" : "s")"
  }

  /// A fraction as a whole number of hundredths: `64 %`.
  static func percent(_ fraction: Double) -> String { "\(hundredths(fraction)) %" }

  /// A fraction as 0...100.
  static func hundredths(_ fraction: Double) -> Int {
    guard fraction.isFinite else { return 0 }
    return Int(clamping: (min(1, max(0, fraction)) * 100).rounded(.down))
  }

  /// A value on one line; strings without their quotes, fractions without the digits that mean nothing, members without
  /// their braces: `total: 5150`.
  static func value(_ json: JSON) -> String {
    if let members = json.members, !members.isEmpty, members.allSatisfy({ $0.value.isScalar }) {
      return members.map { "\($0.name): \(scalar($0.value))" }.joined(separator: ", ")
    }
    return scalar(json)
  }

  private static func scalar(_ json: JSON) -> String {
    if case .number(let text) = json, text.contains("."), let number = json.double { return Self.number(number) }
    return json.string ?? json.text
  }

  /// A number without a needless fraction.
  static func number(_ value: Double) -> String {
    value.isFinite ? DecimalText.of(value) : "?"
  }

  /// How much there is: `812 B`, `1.0 MB`.
  static func bytes(_ count: Int) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"]
    var (size, unit) = (Double(max(0, count)), 0)
    while size >= 1024, unit < units.count - 1 { (size, unit) = (size / 1024, unit + 1) }
    let tenths = Int(clamping: (size * 10).rounded(.down))
    return unit == 0 || tenths >= 100 ? "\(tenths / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }

  /// Counts of the last seconds as a row of bars.
  static func sparkline(_ values: [Int]) -> String {
    let top = max(1, values.max() ?? 1)
    return values.map { value in
      let height = Double(max(0, value)) / Double(top) * Double(Glyphs.heights.count - 1)
      return Glyphs.heights[max(0, min(Glyphs.heights.count - 1, Int(clamping: height.rounded(.up))))]
    }.joined()
  }

  /// The first line of a text, without the blanks around it.
  static func firstLine(_ text: String) -> String {
    let line = text.prefix(2000).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return line.trimmingCharacters(in: .whitespaces)
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension JSON {
  /// Whether nothing is inside it.
  fileprivate var isScalar: Bool {
    switch self {
    case .null, .bool, .number, .string: true
    case .array, .object: false
    }
  }
}
