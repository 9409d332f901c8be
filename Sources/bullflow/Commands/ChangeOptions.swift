import ArgumentParser
import Foundation

/// Options of verbs that change something.
struct ChangeOptions: ParsableArguments {
  @Flag(help: "Do it without asking.") var yes = false
  @Flag(help: "Refuse everything that changes something.") var readOnly = false

  /// Refuses where nothing may be changed.
  func allowChange(_ what: String) throws {
    if readOnly { throw Failure(what: what, why: "--read-only forbids it", code: .refused) }
  }

  /// Asks before something is lost: on a terminal the person, elsewhere `--yes` must stand.
  func confirm(_ what: String, _ question: String) throws {
    try allowChange(what)
    if yes { return }
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
      throw Failure(what: what, why: "it cannot be undone; give --yes to do it without a terminal", code: .refused)
    }
    FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
    let answer = readLine()?.lowercased() ?? ""
    guard answer == "y" || answer == "yes" else { throw Failure(what: what, why: "not done", code: .refused) }
  }
}
