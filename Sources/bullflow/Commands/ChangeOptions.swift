import ArgumentParser
import Foundation

/// Options of verbs that change something.
struct ChangeOptions: ParsableArguments {
  @Flag(help: "Do it without asking.") var yes = false

  /// Asks before something is lost: on a terminal the person, elsewhere `--yes` must stand.
  func confirm(_ what: String, _ question: String) throws {
    if yes { return }
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
      throw Failure(what: what, why: "it cannot be undone; give --yes to do it without a terminal", code: .refused)
    }
    FileHandle.standardError.write(Data("\(question) [y/N] ".utf8))
    let answer = readLine()?.lowercased() ?? ""
    guard answer == "y" || answer == "yes" else { throw Failure(what: what, why: "not done", code: .refused) }
  }
}
