import Foundation
import Subprocess

extension TerminationStatus {
  /// How a program ended, behind its name: "ended with exit code 3", "was killed by signal 9 (SIGKILL)".
  var words: String {
    switch self {
    case .exited(let code): "ended with exit code \(code)"
    case .signaled(let signal):
      "was killed by signal \(signal)" + (Self.signals[signal].map { " (\($0))" } ?? "")
    }
  }

  /// The names of the signals that end programs.
  private static let signals: [Int32: String] = [
    SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT",
    SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGUSR1: "SIGUSR1", SIGSEGV: "SIGSEGV",
    SIGUSR2: "SIGUSR2", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU",
    SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
  ]
}
