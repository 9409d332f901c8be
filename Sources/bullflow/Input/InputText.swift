import Foundation

/// Text that a person wrote: a file, or standard input.
///
/// A byte order mark is dropped. What is no UTF-8 is named rather than guessed at.
enum InputText {
  /// The text of a file.
  ///
  /// - Parameters:
  ///   - path: the file; `-` is standard input where that is allowed.
  ///   - what: who asks, for the error: an option's name or a command's.
  ///   - limit: how many bytes it may have.
  /// - Throws: `Failure` with `.badInput`, which never shows what is in the file.
  static func read(_ path: String, what: String, limit: Int = 1 << 20, allowsStandardInput: Bool = false) throws
    -> String
  {
    let isInput = allowsStandardInput && path == "-"
    let name = isInput ? "standard input" : path
    func fail(_ why: String) -> Failure { Failure(what: what, why: why, code: .badInput) }
    if path.isEmpty { throw fail("the file's name is empty") }
    let descriptor = isInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw fail("cannot read \(name): \(reason(errno))") }
    defer { if !isInput { close(descriptor) } }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Foundation.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw fail("cannot read \(name): \(reason(errno))") }
      if count == 0 { break }
      bytes += chunk[..<count]
      guard bytes.count <= limit else { throw fail("\(name) is longer than \(limit) bytes") }
    }
    do {
      return try decode(bytes)
    } catch {
      throw fail("\(name) \(error.description)")
    }
  }

  /// Text that a byte order mark may precede.
  static func decode(_ bytes: [UInt8]) throws(Unreadable) -> String {
    for (mark, name) in marks where bytes.starts(with: mark) { throw Unreadable(description: "is \(name); \(advice)") }
    let text = bytes.starts(with: utf8Mark) ? bytes.dropFirst(utf8Mark.count) : bytes[...]
    if let name = unmarkedUTF16(text) { throw Unreadable(description: "is \(name); \(advice)") }
    guard let decoded = String(validating: text, as: UTF8.self) else {
      throw Unreadable(description: "is not UTF-8; \(advice)")
    }
    return decoded
  }

  /// Text without a byte order mark.
  static func withoutMark(_ text: String) -> String {
    text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
  }

  /// Why bytes are no text of ours: what follows the file's name in a sentence.
  struct Unreadable: Error, CustomStringConvertible {
    let description: String
  }

  private static let advice = "save it as UTF-8"
  private static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let marks: [([UInt8], String)] = [
    ([0xFF, 0xFE, 0, 0], "UTF-32"), ([0, 0, 0xFE, 0xFF], "UTF-32"), ([0xFF, 0xFE], "UTF-16"), ([0xFE, 0xFF], "UTF-16"),
  ]

  /// Latin text in UTF-16 has a zero beside every letter, which text of ours never has.
  private static func unmarkedUTF16(_ bytes: ArraySlice<UInt8>) -> String? {
    let start = Array(bytes.prefix(2))
    return start.count == 2 && (start[0] == 0) != (start[1] == 0) ? "UTF-16" : nil
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
