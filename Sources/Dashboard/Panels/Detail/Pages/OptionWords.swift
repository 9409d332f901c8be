import Foundation
import QueueClient

/// A job's options in plain words: those alone that differ from what BullMQ takes where nothing is said.
struct OptionWords {
  struct Line: Sendable, Hashable {
    /// What it is about.
    var name: String
    /// What is so.
    var words: String
    /// The option's name as it is stored.
    var stored: String
  }

  let lines: [Line]

  /// - Parameter stored: the options as they stand in Redis, with BullMQ's short names.
  init(stored: JSON) {
    lines = (stored.members ?? []).compactMap { member in
      let name = ShortOption(rawValue: member.name)?.longName ?? member.name
      return Self.words(name, member.value).map { Line(name: $0.name, words: $0.words, stored: member.name) }
    }
  }

  private static func words(_ option: String, _ value: JSON) -> (name: String, words: String)? {
    if value == .null || value == false { return nil }
    switch option {
    case "attempts": return value.int.flatMap { $0 > 1 ? ("tries", "at most \(Formatting.count($0))") : nil }
    case "delay": return value.int == 0 ? nil : ("delay", span(value))
    case "priority": return value.int == 0 ? nil : ("priority", "\(Formatting.value(value)); 1 is the most urgent")
    case "backoff": return ("between tries", backoff(value))
    case "lifo": return ("place", "before those that wait already")
    case "removeOnComplete": return keeping(value).map { ("when completed", $0) }
    case "removeOnFail": return keeping(value).map { ("when failed", $0) }
    case "keepLogs": return ("log", "the newest \(Formatting.value(value)) rows are kept")
    case "stackTraceLimit": return ("stacks", "the newest \(Formatting.value(value)) are kept")
    case "sizeLimit": return ("data", "at most \(value.int.map(Formatting.bytes) ?? Formatting.value(value))")
    case "jobId": return ("id", "given: \(Formatting.value(value))")
    case "parent": return ("parent", parent(value))
    case "failParentOnFailure": return ("if it fails", "its parent fails")
    case "continueParentOnFailure": return ("if it fails", "its parent goes on at once")
    case "ignoreDependencyOnFailure": return ("if it fails", "its parent ignores it")
    case "removeDependencyOnFailure": return ("if it fails", "its parent waits for it no longer")
    case "deduplication": return ("deduplication", deduplication(value))
    default: return (option, Formatting.value(value))
    }
  }

  private static func span(_ value: JSON?) -> String {
    value?.int.map { Formatting.duration(milliseconds: $0) } ?? value.map(Formatting.value) ?? "?"
  }

  private static func backoff(_ value: JSON) -> String {
    guard let type = value["type"]?.string else { return span(value) }
    let delay = span(value["delay"] ?? 0)
    let chance = value["jitter"]?.double.map { ", up to \(Formatting.percent($0)) of it by chance" } ?? ""
    switch type {
    case "fixed": return delay + chance
    case "exponential": return "\(delay), doubled each time\(chance)"
    default: return "\(type), \(delay)\(chance)"
    }
  }

  private static func keeping(_ value: JSON) -> String? {
    if value == true || value.int == 0 { return "removed at once" }
    if let count = value.int { return count < 0 ? nil : "the newest \(Formatting.count(count)) are kept" }
    let count = value["count"]?.int.map { "the newest \(Formatting.count($0))" }
    let age = value["age"]?.int.map {
      "those of the last \(Formatting.duration(milliseconds: $0.multipliedReportingOverflow(by: 1000).partialValue))"
    }
    let words = [age, count].compactMap(\.self)
    return words.isEmpty ? Formatting.value(value) : words.joined(separator: ", at most ") + " are kept"
  }

  private static func parent(_ value: JSON) -> String {
    guard let queue = value["queue"]?.string, let id = value["id"].map(Formatting.value) else {
      return Formatting.value(value)
    }
    return "\(queue):\(id)"
  }

  private static func deduplication(_ value: JSON) -> String {
    var words = [value["id"].map(Formatting.value) ?? Formatting.value(value)]
    if let time = value["ttl"] { words.append("for \(span(time))") }
    if value["extend"] == true { words.append("longer with each") }
    if value["replace"] == true { words.append("the newer replaces") }
    if value["keepLastIfActive"] == true { words.append("the newest runs next") }
    return words.joined(separator: ", ")
  }
}
