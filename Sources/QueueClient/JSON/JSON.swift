import Redis

/// A JSON value that keeps what BullMQ's readers can see: the order of an object's members and the
/// digits of a number.
///
/// Foundation's coders keep neither, and turn `2500` into `2500.0` on some ways through `Double`.
public enum JSON: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, as its text: `2500`, `1e21`, `0.1`.
  case number(String)
  /// A string.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object, its members in order.
  case object([Member])

  /// A name and its value in an object.
  public struct Member: Sendable, Hashable {
    /// The name.
    public var name: String
    /// The value.
    public var value: JSON

    /// A member from its parts.
    public init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }
}

extension JSON {
  /// The last member of that name (as JavaScript reads it); `nil` for anything but an object that has one.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  /// The text of a string.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// A number as floating point.
  public var double: Double? {
    if case .number(let text) = self { Double(text) } else { nil }
  }

  /// A number that is whole, or the nearest of `Int.exactlyHeld`, as `1e300` has it.
  public var int: Int? {
    guard case .number(let text) = self else { return nil }
    if let number = Int(text) { return number.clamped }
    guard let number = Double(text), number == number.rounded() else { return nil }
    return Int(clamping: number)
  }

  /// A truth value.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The elements of an array.
  public var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  /// The members of an object, in order.
  public var members: [Member]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// A whole number.
  public static func int(_ value: Int) -> JSON { .number(String(value)) }

  /// A number the way JavaScript writes it: whole ones without a fraction.
  public static func double(_ value: Double) -> JSON {
    guard value.isFinite else { return .null }
    if value == value.rounded(), abs(value) < 1e21 {
      return .number(Int(exactly: value).map { String($0) } ?? format(value))
    }
    return .number(String(value))
  }

  private static func format(_ value: Double) -> String {
    var digits = String(value)
    // Swift writes 1e+19 where JavaScript still writes all digits.
    guard let exponent = digits.firstIndex(of: "e"), let power = Int(digits[digits.index(after: exponent)...]) else {
      return digits
    }
    let mantissa = digits[..<exponent].split(separator: ".")
    let fraction = mantissa.count > 1 && mantissa[1] != "0" ? String(mantissa[1]) : ""
    digits = String(mantissa[0]) + fraction + String(repeating: "0", count: max(0, power - fraction.count))
    return digits
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// An array.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// An object, in the order written.
  public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0, $1) }) }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
}
