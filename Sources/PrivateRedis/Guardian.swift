import Foundation
import Synchronization

/// Runs a program that must not outlive us, whatever ends us.
///
/// A shell starts the program and then reads a channel whose other end only we hold. When we close it, or
/// die, the read ends and the shell takes the program down.
final class Guardian: Sendable {
  /// The program's process id.
  let processID: Int32
  private let shellID: Int32
  private let lifeline: Mutex<Int32?>

  private static let script = """
    "$@" </dev/null >/dev/null 2>&1 & child=$!
    echo $child
    cat >/dev/null
    kill $child; wait $child
    """

  /// - Parameter command: the program's path and its arguments.
  init(command: [String]) throws {
    let (held, lifeline) = try Self.channel()
    let (output, reported) = try Self.channel()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, held, 0)
    posix_spawn_file_actions_adddup2(&actions, reported, 1)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: Ctrl-C and Ctrl-Z in our terminal are meant for us. Signals that we block or ignore are not
    // its.
    posix_spawnattr_setpgroup(&attributes, 0)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var arguments = (["sh", "-c", Self.script, "sh"] + command).map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var shell: pid_t = 0
    let code = posix_spawn(&shell, "/bin/sh", &actions, &attributes, &arguments, environ)
    close(held)
    close(reported)
    defer { close(output) }
    guard code == 0 else {
      close(lifeline)
      throw PrivateRedis.Failure(description: "cannot start /bin/sh: \(String(cString: strerror(code)))")
    }
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = read(output, &bytes, bytes.count)
    let line = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    guard let child = Int32(line) else {
      close(lifeline)
      throw PrivateRedis.Failure(description: "cannot start \(command[0]): the shell answered '\(line)'")
    }
    processID = child
    shellID = shell
    self.lifeline = Mutex(lifeline)
  }

  deinit { end() }

  /// Takes the program down and waits for its end. Safe to call twice.
  func end() {
    let descriptor = lifeline.withLock { lifeline in
      defer { lifeline = nil }
      return lifeline
    }
    guard let descriptor else { return }
    close(descriptor)
    var status: Int32 = 0
    while waitpid(shellID, &status, 0) == -1, errno == EINTR {}
  }

  /// Two connected ends that no program inherits by chance: closed on exec from the start, where a pipe is so only from
  /// `fcntl` on, and another thread may start a program in between.
  private static func channel() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      throw PrivateRedis.Failure(description: "no pair of sockets: \(String(cString: strerror(errno)))")
    }
    return (ends[0], ends[1])
  }
}
