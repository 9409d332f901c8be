import QueueClient

extension JSON {
  /// The value as text that a terminal can be given: what would steer it, or turn the direction of writing, stands as an
  /// escape, which means the same.
  var printed: String {
    var printed = ""
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x7F...0x9F, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069:
        let digits = String(scalar.value, radix: 16)
        printed += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: printed.unicodeScalars.append(scalar)
      }
    }
    return printed
  }
}
