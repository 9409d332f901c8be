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
      let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
      let places = folders.map { "\($0)/\(name)" }
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

  /// Why a file cannot be run; `nil` where it can.
  static func obstacle(at path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return String(cString: strerror(errno)).lowercased() }
    if status.st_mode & S_IFMT == S_IFDIR { return "it is a folder" }
    guard access(path, X_OK) == 0 else { return "it is not executable (chmod +x)" }
    return nil
  }
}
