import CNcurses
import Foundation

/// A text for a program outside.
public struct OutsideFile: Sendable, Hashable {
  /// The text.
  public var text: String
  /// Whether it is JSON: the file's name says so, and editors colour it.
  public var isJSON: Bool

  /// A file from its parts.
  public init(text: String, isJSON: Bool) {
    self.text = text
    self.isJSON = isJSON
  }

  /// Writes it where nobody else can read it.
  ///
  /// - Returns: where it is; whoever asked for it removes it.
  /// - Throws: `OutsideProgram.Failure`.
  func write(to folder: String) throws -> String {
    let ending = isJSON ? ".json" : ".txt"
    var path = Array("\(folder)/bullflow-XXXXXX\(ending)".utf8CString)
    // `mkstemps` makes the file anew, with mode 0600: nobody can have put one there.
    let file = mkstemps(&path, Int32(ending.utf8.count))
    let name = path.withUnsafeBufferPointer {
      String(decoding: $0.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    guard file >= 0 else { throw OutsideProgram.Failure("no file in \(folder): \(String(cString: strerror(errno)))") }
    let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: Data(text.utf8))
      try handle.close()
    } catch {
      unlink(name)
      throw OutsideProgram.Failure("\(name) cannot be written: \(error.localizedDescription)")
    }
    return name
  }
}

/// A program that a text is shown in.
public enum OutsideProgram: Sendable, Hashable {
  /// `$PAGER`, or `less`.
  case pager
  /// `$VISUAL` or `$EDITOR`, or `vi`.
  case editor

  /// Why a text could not be shown.
  struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }

  /// The command that the person has chosen.
  func command(in environment: [String: String]) -> String {
    let names = self == .pager ? ["PAGER"] : ["VISUAL", "EDITOR"]
    return names.compactMap { environment[$0] }.first { !$0.isEmpty } ?? (self == .pager ? "less" : "vi")
  }

  /// Shows a text, and returns when the program has ended; the file is gone then.
  ///
  /// - Throws: `Failure`.
  func show(_ file: OutsideFile, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    let path = try file.write(to: environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")
    defer { unlink(path) }
    let command = command(in: environment)
    // As `git` does it: the person's own command, which may have options, is the shell's business. `system` leaves Ctrl-C
    // to the program while it runs.
    let status = system("\(command) \(ShellLine.quoted(path))")
    let code = status & 0x7F == 0 ? status >> 8 & 0xFF : -1
    // What a program says of itself, such as less of a Ctrl-C, is its own; that there is none is ours to tell.
    if status == -1 || code == 127 || code == 126 {
      throw Failure("'\(command)' cannot be run; set \(self == .pager ? "PAGER" : "EDITOR") to a program that is there")
    }
  }
}
