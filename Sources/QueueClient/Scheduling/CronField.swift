/// One field of a cron pattern: what it may hold, and how it is read. Pure.
struct CronField {
  /// What messages call it.
  let name: String
  /// The numbers it may hold.
  let range: ClosedRange<Int>
  /// Names for its numbers, the first for `firstNamed`.
  var names: [String] = []
  /// The number of the first name.
  var firstNamed = 0

  static let second = CronField(name: "second", range: 0...59)
  static let minute = CronField(name: "minute", range: 0...59)
  static let hour = CronField(name: "hour", range: 0...23)
  static let dayOfMonth = CronField(name: "day of month", range: 1...31)
  static let month = CronField(
    name: "month", range: 1...12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], firstNamed: 1)
  /// Sunday is 0, and 7 as well.
  static let dayOfWeek = CronField(
    name: "day of week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

  /// The numbers that a list names: `*`, `?`, `5`, `1-5`, `*/2`, `10-40/5`, `10/5`, and any of them joined by commas.
  func numbers(in list: Substring) throws(CronFault) -> NumberSet {
    var all = NumberSet()
    for element in list.split(separator: ",", omittingEmptySubsequences: false) {
      all.formUnion(try numbers(ofElement: element))
    }
    return all
  }

  /// The numbers that one element of a list names.
  func numbers(ofElement element: Substring) throws(CronFault) -> NumberSet {
    let parts = element.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let base = parts.first else { throw fault(element) }
    var step = 1
    if parts.count == 2 {
      guard let number = Int(parts[1]), number > 0, parts[1].utf8.count < 9 else { throw fault(element) }
      step = number
    }
    if let hashed = try hashed(base, step: parts.count == 2 ? step : nil) { return hashed }
    var (low, high) = (range.lowerBound, range.upperBound)
    if base != "*", base != "?" {
      let bounds = base.split(separator: "-", omittingEmptySubsequences: false)
      guard bounds.count <= 2 else { throw fault(element) }
      low = try number(bounds[0], of: element)
      if bounds.count == 2 {
        high = try number(bounds[1], of: element)
        // To Sunday, the week's last day here.
        if range.upperBound == 7, high == 0, low > 0 { high = 7 }
      } else if parts.count == 1 {
        high = low
      }
    }
    guard low <= high else { throw fault(element) }
    var numbers = NumberSet()
    for number in stride(from: low, through: high, by: step) {
      numbers.insert(range.upperBound == 7 ? number % 7 : number)
    }
    return numbers
  }

  private func number(_ text: Substring, of element: Substring) throws(CronFault) -> Int {
    if let index = names.firstIndex(where: { $0 == text }) { return firstNamed + index }
    guard text.utf8.count <= 2, let number = Int(text), range.contains(number),
      text.utf8.allSatisfy({ $0 < 0x3A && $0 > 0x2F })
    else { throw fault(element) }
    return number
  }

  /// `h`, `h(0-29)`, `h/15`: any number will do, and always the same one.
  private func hashed(_ base: Substring, step: Int?) throws(CronFault) -> NumberSet? {
    guard base.first == "h" else { return nil }
    var (low, high) = (range.lowerBound, min(range.upperBound, range.upperBound == 7 ? 6 : range.upperBound))
    if base.count > 1 {
      let bounds = base.dropFirst(2).dropLast().split(separator: "-", omittingEmptySubsequences: false)
      guard base.hasPrefix("h("), base.hasSuffix(")"), bounds.count == 2 else { throw fault(base) }
      low = max(low, try number(bounds[0], of: base))
      high = min(high, try number(bounds[1], of: base))
      guard low <= high else { throw fault(base) }
    }
    var numbers = NumberSet()
    // BullMQ throws dice here; one number of those allowed, and steps from there, mean the same.
    let first = low + name.utf8.reduce(7) { ($0 * 31 + Int($1)) % 9973 } % min(high - low + 1, step ?? Int.max)
    guard let step else {
      numbers.insert(first)
      return numbers
    }
    for number in stride(from: first, through: high, by: step) { numbers.insert(number) }
    return numbers
  }

  private func fault(_ element: Substring) -> CronFault { CronFault("'\(element)' is no \(name)") }
}

/// Why a cron pattern cannot be read.
public struct CronFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The fault, in words.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// A set of small numbers, 0...63.
struct NumberSet: Sendable, Hashable {
  private var bits: UInt64 = 0

  mutating func insert(_ number: Int) { bits |= 1 << UInt64(number & 63) }
  mutating func formUnion(_ other: NumberSet) { bits |= other.bits }
  func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number & 63)) != 0 }
  var isEmpty: Bool { bits == 0 }
  var count: Int { bits.nonzeroBitCount }

  /// The first number from one on.
  func first(from number: Int) -> Int? {
    guard number < 64 else { return nil }
    let left = bits & (UInt64.max << UInt64(max(0, number)))
    return left == 0 ? nil : left.trailingZeroBitCount
  }
}
