import Foundation

/// Random ids, as BullMQ gives them to the jobs of a flow: UUIDs of version 4 in lower case.
///
/// The system is asked for chance in larger portions: once an id costs more than all the rest of it.
struct RandomIDs {
  private var pool: [UInt64] = []

  /// A new id.
  static func one() -> String {
    var ids = RandomIDs()
    return ids.next(drawing: 2)
  }

  /// A new id.
  mutating func next() -> String { next(drawing: 32) }

  private mutating func next(drawing count: Int) -> String {
    if pool.isEmpty { pool = Self.draw(count) }
    return Self.text(high: pool.removeLast(), low: pool.removeLast())
  }

  private static func draw(_ count: Int) -> [UInt64] {
    [UInt64](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let start = buffer.baseAddress { arc4random_buf(start, count * MemoryLayout<UInt64>.size) }
      initialized = count
    }
  }

  /// The UUID of 128 bits, six of which say that the others are random (RFC 9562, section 5.4).
  static func text(high: UInt64, low: UInt64) -> String {
    let high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    return String(unsafeUninitializedCapacity: 36) { buffer in
      var at = 0
      for digit in 0..<32 {
        if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
          buffer[at] = UInt8(ascii: "-")
          at += 1
        }
        let half = digit < 16 ? high : low
        let value = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (digit & 15))) & 0xF
        buffer[at] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
        at += 1
      }
      return at
    }
  }
}
