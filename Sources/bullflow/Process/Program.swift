import Foundation

/// A program that can be run, found before it is needed.
struct Program: Sendable {
  /// As it was given.
  let name: String
  /// Where it is.
  let path: String
  let arguments: [String]

  /// Looks for a program the way shells do: a name with a slash is a path, any other is looked for in PATH.
  ///
  /// - Parameters:
  ///   - words: the program and its arguments.
  ///   - what: who wants to run it, for the error.
  /// - Throws: `Failure` with `.badInput`, saying why it cannot be run.
  init(_ words: [String], for what: String = "work") throws {
    func fail(_ why: String) -> Failure { Failure(what: what, why: why, code: .badInput) }
    let name = words.first ?? ""
    self.name = name
    arguments = Array(words.dropFirst())
    guard !name.isEmpty else { throw fail("the program's name is empty") }
    if name.contains("/") {
      path = name
    } else {
      let places = Self.places(of: name)
      guard let found = places.first(where: { Self.obstacle(at: $0) == nil }) else {
        let other = places.first { access($0, F_OK) == 0 }
        throw fail(
          "cannot run \(name): "
            + (other.flatMap { place in Self.obstacle(at: place).map { "\(place): \($0)" } }
              ?? "no folder of PATH has it (a program in this folder is ./\(name))"))
      }
      path = found
    }
    if let obstacle = Self.obstacle(at: path) { throw fail("cannot run \(name): \(obstacle)") }
  }

  /// Why a file cannot be run; `nil` where it can, as far as can be told without running it.
  ///
  /// - Parameter depth: how many scripts name each other as their interpreters at the most.
  static func obstacle(at path: String, depth: Int = 4) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return reason(errno) }
    if status.st_mode & S_IFMT == S_IFDIR { return "it is a folder" }
    guard status.st_mode & S_IFMT == S_IFREG else { return "it is no file" }
    guard access(path, X_OK) == 0 else { return "it is not executable (chmod +x)" }
    // A binary may be run by who may not read it.
    guard let head = head(of: path) else { return nil }
    switch ProgramFormat(head: head, runsOthers: head.starts(with: "#!".utf8) ? false : runsOthers) {
    case .unusable(let reason): return reason
    case .binary(let loader): return loader.flatMap { dependency("its loader", $0, depth: depth) }
    case .script(let interpreter, let argument):
      return dependency("its interpreter", interpreter, depth: depth) ?? missingCommand(interpreter, argument)
    }
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }

  private static func dependency(_ role: String, _ path: String, depth: Int) -> String? {
    guard depth > 0 else { return "its interpreters are scripts without end" }
    guard let obstacle = obstacle(at: path, depth: depth - 1) else { return nil }
    return "\(role) \(withoutCarriageReturn(path)): \(obstacle)" + lineEndHint(path)
  }

  /// What `#!/usr/bin/env NAME` does not find in PATH.
  private static func missingCommand(_ interpreter: String, _ argument: String) -> String? {
    guard interpreter.hasSuffix("/env") else { return nil }
    let isSplit = argument.hasPrefix("-S ")
    let words = (isSplit ? argument.dropFirst(3) : argument[...]).split(separator: " ")
    guard let name = isSplit ? words.first.map(String.init) : argument.trimmingCharacters(in: .whitespaces),
      !name.isEmpty, !name.hasPrefix("-"), !name.contains("="), !name.contains("/"),
      places(of: name).allSatisfy({ access($0, X_OK) != 0 })
    else { return nil }
    return "its interpreter \(withoutCarriageReturn(name)): no folder of PATH has it" + lineEndHint(name)
  }

  /// Scripts from Windows are the commonest whose interpreter is not there: its name ends with a carriage return then.
  private static func lineEndHint(_ name: String) -> String {
    name.utf8.last == 13 ? " (its lines end as on Windows: write it with plain line feeds)" : ""
  }

  private static func withoutCarriageReturn(_ name: String) -> String {
    name.utf8.last == 13 ? String(name.dropLast()) : name
  }

  /// Where a name may be.
  private static func places(of name: String) -> [String] {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }
  }

  private static func head(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: ProgramFormat.headSize)
    let count = read(descriptor, &bytes, bytes.count)
    return count < 0 ? nil : Array(bytes.prefix(count))
  }

  /// Whether Linux has been taught formats (`binfmt_misc`): another processor's programs, or Java's.
  private static var runsOthers: Bool {
    let known = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/sys/fs/binfmt_misc")) ?? []
    return !Set(known).subtracting(["register", "status"]).isEmpty
  }
}
