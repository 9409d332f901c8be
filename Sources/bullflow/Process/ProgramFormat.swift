/// What a system makes of a program by how its file begins. Pure.
enum ProgramFormat: Equatable {
  /// A script that another program runs: that one's path, and what follows it in the script's first line.
  case script(interpreter: String, argument: String)
  /// A binary for this system, or what cannot be told from one; with the path of its loader where it names one.
  case binary(loader: String?)
  /// Nothing that can be run, and why not.
  case unusable(String)

  /// How much of a file is looked at.
  static let headSize = 4096
  /// How long a script's first line may be: more is not looked at by Linux.
  private static let lineLimit = 256

  /// The format of a file.
  ///
  /// - Parameters:
  ///   - head: how it begins.
  ///   - processor: the number that ELF has for this machine's processor; `nil` where binaries are of another format.
  ///   - runsOthers: whether the system has been taught formats that we do not know.
  init(head: [UInt8], processor: UInt16? = Self.ownProcessor, runsOthers: Bool = false) {
    if head.isEmpty {
      self = .unusable("it is empty")
    } else if head.starts(with: "#!".utf8) {
      self = Self.script(head)
    } else if runsOthers {
      self = .binary(loader: nil)
    } else if let processor {
      self = Self.elf(head, processor)
    } else if Self.machOMarks.contains(where: head.starts) {
      self = .binary(loader: nil)
    } else {
      self = .unusable(Self.unknown)
    }
  }

  private static let unknown =
    "it is neither a program of this system, nor does it begin with #! and an interpreter (as in #!/bin/sh)"

  // MARK: Scripts

  private static func script(_ head: [UInt8]) -> ProgramFormat {
    let line = head.prefix(lineLimit).dropFirst(2).prefix { $0 != UInt8(ascii: "\n") && $0 != 0 }
    let words = line.drop(while: isBlank)
    let interpreter = words.prefix { !isBlank($0) }
    if interpreter.isEmpty { return .unusable("its first line names no interpreter behind #!") }
    if interpreter.endIndex == lineLimit, head.count > lineLimit { return .unusable("its first line is too long") }
    let rest = words[interpreter.endIndex...].drop(while: isBlank)
    return .script(
      interpreter: String(decoding: interpreter, as: UTF8.self), argument: String(decoding: rest, as: UTF8.self))
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  // MARK: Binaries

  #if os(Linux) && arch(x86_64)
    static let ownProcessor: UInt16? = 62
  #elseif os(Linux) && arch(arm64)
    static let ownProcessor: UInt16? = 183
  #else
    static let ownProcessor: UInt16? = nil
  #endif

  /// What programs of macOS begin with: of one processor, and of several.
  private static let machOMarks: [[UInt8]] = [[0xCF, 0xFA, 0xED, 0xFE], [0xCA, 0xFE, 0xBA, 0xBE]]

  /// The processors that ELF has numbers for, the usual ones.
  private static let processors: [UInt16: String] = [
    3: "i386", 8: "MIPS", 20: "PowerPC", 21: "PowerPC 64", 22: "S390", 40: "32-bit ARM", 62: "x86-64",
    183: "64-bit ARM",
    243: "RISC-V",
  ]

  /// Processors of fewer bits whose programs run on those of more, where the system is made so.
  private static let lesser: [UInt16: UInt16] = [62: 3, 183: 40]

  private static func elf(_ head: [UInt8], _ own: UInt16) -> ProgramFormat {
    guard head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
      if machOMarks.contains(where: head.starts) { return .unusable("it is a program of macOS") }
      return .unusable(head.starts(with: "MZ".utf8) ? "it is a program of Windows" : unknown)
    }
    guard head.count >= 52 else { return .unusable("it is the beginning of a binary, without the rest") }
    let isLittle = head[5] == 1
    func number(_ at: Int, _ size: Int) -> UInt64? {
      guard at >= 0, at <= head.count - size else { return nil }
      let bytes = head[at..<at + size]
      return (isLittle ? Array(bytes.reversed()) : Array(bytes)).reduce(0) { $0 << 8 | UInt64($1) }
    }
    let processor = UInt16(truncatingIfNeeded: number(18, 2) ?? 0)
    if processor == lesser[own] { return .binary(loader: nil) }
    if processor != own {
      return .unusable("it is a binary for another processor (\(processors[processor] ?? "number \(processor)"))")
    }
    // An executable, or one that may lie anywhere.
    guard [2, 3].contains(number(16, 2)) else { return .unusable("it is a part of a program, not linked yet") }
    return .binary(loader: loader(head, number))
  }

  /// The loader that a binary of 64 bits names in its table of segments.
  private static func loader(_ head: [UInt8], _ number: (Int, Int) -> UInt64?) -> String? {
    guard head[4] == 2, let table = number(32, 8), let size = number(54, 2), let count = number(56, 2) else {
      return nil
    }
    for index in 0..<min(count, 64) {
      guard let start = Int(exactly: table.addingReportingOverflow(index * size).partialValue), start < head.count,
        let kind = number(start, 4)
      else { return nil }
      guard kind == 3 else { continue }
      guard let offset = number(start + 8, 8).flatMap(Int.init(exactly:)), offset < head.count else { return nil }
      let path = head[offset...].prefix { $0 != 0 }
      return path.isEmpty || path.endIndex == head.count ? nil : String(decoding: path, as: UTF8.self)
    }
    return nil
  }
}
