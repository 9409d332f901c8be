import Foundation
import Glibc
import PrivateRedis
import Synchronization

/// The program itself, on a pseudo-terminal of 160x50: what it costs as people run it.
final class DashboardProcess: Sendable {
  /// What was seen of it so far.
  private struct Seen {
    var bytes = 0
    var firstRows: Double?
    /// The last bytes, in which a word may be split.
    var tail = Data()
    var hasEnded = false
  }

  private let process: Process
  private let primary: FileHandle
  private let seen = Mutex(Seen())

  /// Starts it.
  ///
  /// - Parameters:
  ///   - url: the Redis.
  ///   - word: what stands in the rows of flows.
  ///   - folder: for its cache, so that no other run's is used.
  init(_ url: String, seeing word: String, folder: URL) throws {
    var (terminal, secondary): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 50, ws_col: 160, ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&terminal, &secondary, nil, nil, &size) == 0 else {
      throw MeasuringError(description: "no pseudo-terminal")
    }
    primary = FileHandle(fileDescriptor: terminal, closeOnDealloc: true)
    let handle = FileHandle(fileDescriptor: secondary, closeOnDealloc: true)
    process = Process()
    process.executableURL = try Self.program
    process.arguments = ["watch", "--url", url, "--theme", "dark"]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["TERM": "xterm-256color", "XDG_CACHE_HOME": folder.path, "LANG": "C.UTF-8"]) { $1 }
    process.standardInput = handle
    process.standardOutput = handle
    process.standardError = FileHandle.nullDevice
    let start = ContinuousClock.now
    try process.run()
    try handle.close()
    Thread.detachNewThread { [self] in read(since: start, until: Data(word.utf8)) }
  }

  /// The program, which is built beside this one.
  static var program: URL {
    get throws {
      let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
        path: "bullflow")
      guard FileManager.default.isExecutableFile(atPath: program.path) else {
        throw MeasuringError(description: "there is no bullflow beside this program; `make bench` builds both")
      }
      return program
    }
  }

  private func read(since start: ContinuousClock.Instant, until word: Data) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = Glibc.read(primary.fileDescriptor, &buffer, buffer.count), count > 0 {
      let data = Data(buffer.prefix(count))
      let time = (ContinuousClock.now - start).seconds
      seen.withLock { seen in
        seen.bytes += data.count
        guard seen.firstRows == nil else { return }
        seen.tail += data
        if seen.tail.range(of: word) != nil { seen.firstRows = time } else { seen.tail = seen.tail.suffix(word.count) }
      }
    }
    seen.withLock { $0.hasEnded = true }
  }

  /// Waits until the rows are there.
  ///
  /// - Returns: seconds since it was started.
  func firstRows() async throws -> Double {
    while true {
      let (time, hasEnded) = seen.withLock { ($0.firstRows, $0.hasEnded) }
      if let time { return time }
      if hasEnded { throw MeasuringError(description: "the dashboard ended before it had shown a flow") }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// Bytes that it has written to the terminal.
  var bytes: Int { seen.withLock { $0.bytes } }

  /// Seconds that it has computed.
  var cpu: Double {
    let text = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)) ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// The most memory that it has had, in megabytes.
  var peakMegabytes: Int {
    let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
    let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (peak.flatMap { Int($0.filter(\.isNumber)) } ?? 0) / 1024
  }

  /// Ends it, as a person would.
  func end() {
    try? primary.write(contentsOf: Data("q".utf8))
    process.waitUntilExit()
  }
}
