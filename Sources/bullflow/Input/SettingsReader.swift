import TOMLKit

/// All that is wrong with a settings file, each with its place.
final class SettingsFaults {
  private let places: TOMLPlaces
  private var found: [(place: TOMLPlaces.Place, reason: String)] = []

  init(_ text: String) { places = TOMLPlaces(text) }

  func add(_ path: [String], _ reason: String) { found.append((places.place(of: path), reason)) }

  /// - Throws: `Failure` with a line for each fault, the first in the file first.
  func check(file: String) throws {
    let lines = found.sorted { $0.place < $1.place }.map { fault in
      Failure.Line(what: "\(file):\(fault.place.line):\(fault.place.column)", why: fault.reason)
    }
    if let failure = Failure(lines, code: .badInput) { throw failure }
  }
}

/// Reads a table of the settings: what is not as it should be becomes a fault, and counts as not given.
struct SettingsReader {
  private let table: TOMLTable
  private let path: [String]
  let faults: SettingsFaults

  init(_ table: TOMLTable, path: [String] = [], faults: SettingsFaults) {
    self.table = table
    self.path = path
    self.faults = faults
  }

  /// Its keys, in order.
  var names: [String] { table.keys.sorted() }

  func has(_ name: String) -> Bool { table[name] != nil }

  func fail(_ name: String, _ reason: String) { faults.add(path + [name], reason) }

  func text(_ name: String) -> String? {
    guard let value = table[name] else { return nil }
    if value.string == nil { fail(name, "'\(Secrets.hidden(in: name))' is not text in quotes") }
    return value.string
  }

  func flag(_ name: String) -> Bool? {
    guard let value = table[name] else { return nil }
    if value.bool == nil { fail(name, "'\(name)' is neither true nor false") }
    return value.bool
  }

  /// A list of texts; one text alone counts as such a list where that is allowed.
  ///
  /// - Parameter example: how it is written.
  func texts(_ name: String, example: String, orOne: Bool = false) -> [String]? {
    guard let value = table[name] else { return nil }
    if orOne, let text = value.string { return [text] }
    let texts = value.array.map { $0.map(\.string) }
    guard let texts, texts.allSatisfy({ $0 != nil }) else {
      fail(name, "'\(Secrets.hidden(in: name))' is not a list of texts in quotes, as in \(example)")
      return nil
    }
    return texts.compactMap(\.self)
  }

  /// A table within this one.
  ///
  /// - Parameter example: how it is written.
  func table(_ name: String, example: String) -> SettingsReader? {
    guard let value = table[name] else { return nil }
    guard let inner = value.table else {
      fail(name, "'\(Secrets.hidden(in: name))' is no table, as in \(example)")
      return nil
    }
    return SettingsReader(inner, path: path + [name], faults: faults)
  }

  /// A setting that may be of several kinds.
  enum Value {
    case flag(Bool), text(String), other
  }

  func value(_ name: String) -> Value {
    if let flag = table[name]?.bool { return .flag(flag) }
    return table[name]?.string.map { .text($0) } ?? .other
  }

  /// Whether a setting is a list.
  func isList(_ name: String) -> Bool { table[name]?.array != nil }

  /// Whether a setting is a table.
  func isTable(_ name: String) -> Bool { table[name]?.table != nil }

  /// Finds fault with settings that there are not.
  func refuseOthers(than known: [String], kind: String = "setting") {
    for name in names where !known.contains(name) {
      fail(name, "unknown \(kind) '\(Secrets.hidden(in: name))'; known are \(known.sorted().joined(separator: ", "))")
    }
  }
}
