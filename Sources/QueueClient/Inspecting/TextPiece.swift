import Redis

/// A piece of a long text of a job: texts may be larger than anybody wants to hold.
public struct TextPiece: Sendable, Hashable {
  /// The text; what is not UTF-8 in it is repaired.
  public var text: String
  /// Where it begins, in bytes of the whole.
  public var first: Int
  /// Where the next piece begins, in bytes of the whole.
  public var end: Int
  /// How many bytes the whole has.
  public var size: Int

  /// A piece from its parts.
  public init(text: String, first: Int, end: Int, size: Int) {
    self.text = text
    self.first = first
    self.end = end
    self.size = size
  }

  /// Whether more follows.
  public var hasMore: Bool { end < size }

  /// So many bytes are a piece.
  public static let most = 64 * 1024

  /// A piece from its bytes: where more follows, it ends behind a line or an element, so that no name is cut, or at least
  /// between two characters.
  init(bytes: [UInt8], first: Int, size: Int) {
    var count = bytes.count
    if first.addingClamped(count) < size {
      let near = bytes.indices.suffix(4096).last { bytes[$0] == UInt8(ascii: "\n") || bytes[$0] == UInt8(ascii: ",") }
      if let near {
        count = near + 1
      } else if let start = bytes.indices.suffix(4).last(where: { bytes[$0] & 0xC0 != 0x80 }), start > 0 {
        // Only a character of several bytes can have been cut.
        if bytes[start] >= 0xC0 { count = start }
      }
    }
    self.init(
      text: String(decoding: bytes[..<count], as: UTF8.self), first: first, end: first.addingClamped(count), size: size)
  }

  /// Reads a piece of a text of a job, by a script that changes nothing.
  ///
  /// - Parameters:
  ///   - field: which text.
  ///   - first: where it begins, in bytes.
  /// - Returns: `nil` where there is no such text, and where the server lets nobody run scripts: then it can be had only
  ///   whole.
  /// - Throws: `RedisError`.
  public static func read(
    _ field: JobField, of key: JobKey, from first: Int, by redis: RedisClient
  ) async throws -> TextPiece? {
    do {
      let first = max(0, first)
      let reply = try await redis.run(
        ReadScripts.readPiece, keys: [key.description], arguments: [.text(field.rawValue), .init(first), .init(most)])
      guard let parts = reply.array, parts.count == 2, let size = parts[0].int, size > 0 else { return nil }
      return TextPiece(bytes: parts[1].bytes, first: first, size: size)
    } catch let error as RedisError where error.isScriptRefused {
      return nil
    }
  }
}

extension RESPValue {
  fileprivate var bytes: [UInt8] {
    if case .bulk(let bytes) = self { bytes } else { Array((string ?? "").utf8) }
  }
}
