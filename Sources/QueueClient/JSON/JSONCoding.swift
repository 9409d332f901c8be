import Foundation

extension JSON: Codable {
  /// A value from any decoder; the order of an object's members is the decoder's.
  public init(from decoder: any Decoder) throws {
    if let object = try? decoder.container(keyedBy: Name.self) {
      self = .object(try object.allKeys.map { Member($0.stringValue, try object.decode(JSON.self, forKey: $0)) })
    } else if var list = try? decoder.unkeyedContainer() {
      var elements: [JSON] = []
      while !list.isAtEnd { elements.append(try list.decode(JSON.self)) }
      self = .array(elements)
    } else {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .null
      } else if let bool = try? value.decode(Bool.self) {
        self = .bool(bool)
      } else if let int = try? value.decode(Int.self) {
        self = .int(int)
      } else if let double = try? value.decode(Double.self) {
        self = .double(double)
      } else {
        self = .string(try value.decode(String.self))
      }
    }
  }

  /// Writes the value to any encoder.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .object(let members):
      var object = encoder.container(keyedBy: Name.self)
      for member in members { try object.encode(member.value, forKey: Name(stringValue: member.name)) }
    case .array(let elements):
      var list = encoder.unkeyedContainer()
      for element in elements { try list.encode(element) }
    case .null, .bool, .number, .string:
      var value = encoder.singleValueContainer()
      switch self {
      case .bool(let bool): try value.encode(bool)
      case .string(let text): try value.encode(text)
      case .number(let digits):
        if let int = Int(digits) { try value.encode(int) } else { try value.encode(Double(digits) ?? 0) }
      default: try value.encodeNil()
      }
    }
  }

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// The JSON of any value that can be encoded; of a `JSON`, itself.
  ///
  /// - Throws: `EncodingError`.
  public init(encoding value: some Encodable) throws {
    if let json = value as? JSON {
      self = json
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Parsed by our own parser, so that numbers keep the digits the encoder gave them.
    self = try JSON(parsing: String(decoding: encoder.encode(value), as: UTF8.self))
  }

  /// The value as a type of one's own; as `JSON`, itself.
  ///
  /// - Throws: `DecodingError`.
  public func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
    if let json = self as? Value { return json }
    return try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}
