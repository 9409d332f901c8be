import Foundation
import Synchronization

/// The one owner of the signals that ask the program to end: SIGINT, SIGTERM and SIGHUP.
///
/// The first one asks for the end: whoever awaits it, now or later, is told. The second one ends the program at once,
/// and so does the first where a command that should end quickly does not. Signals are caught and never ignored:
/// programs that we start begin with the usual effects, and no signal is lost between two waits.
enum EndSignals {
  /// How long a command may take to end, in milliseconds, unless it ends in its own time.
  private static let patience: Int32 = 2000

  private static let state = Mutex(State())
  private static let isImpatient = Atomic(false)
  // Written once, before any handler is set, and only read after that.
  private nonisolated(unsafe) static var wakeDescriptor: Int32 = -1

  private struct State {
    var first: Int32?
    var waiting: [UInt64: CheckedContinuation<Int32?, Never>] = [:]
    var nextID: UInt64 = 0
    var beforeForcedEnd: (@Sendable () -> Void)?
  }

  /// Takes the signals over: once, before anything else.
  static func install() {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    wakeDescriptor = ends[1]
    let reading = ends[0]
    let thread = Thread { watch(reading) }
    thread.name = "signals"
    thread.start()
    var mine = sigset_t()
    sigemptyset(&mine)
    for signal in [SIGINT, SIGTERM, SIGHUP] where signal != SIGHUP || !isIgnored(SIGHUP) {
      catchSignal(signal)
      sigaddset(&mine, signal)
    }
    pthread_sigmask(SIG_UNBLOCK, &mine, nil)
  }

  /// Waits for the first signal; at once where it has already come.
  ///
  /// - Returns: the signal; `nil` when the task was cancelled.
  static func first() async -> Int32? {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Int32?? = state.withLock { state in
          if let first = state.first { return .some(first) }
          if Task.isCancelled { return .some(nil) }
          state.waiting[id] = continuation
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(returning: nil)
    }
  }

  /// Does something, and stops it when a signal comes first.
  ///
  /// - Returns: what it gave; the signal where it was stopped.
  static func ending<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Value
  ) async throws -> Outcome<Value> {
    let work = Task { try await operation() }
    let stop = Task {
      let signal = await first()
      if signal != nil { work.cancel() }
      return signal
    }
    let result = await withTaskCancellationHandler {
      await work.result
    } onCancel: {
      work.cancel()
    }
    stop.cancel()
    if let signal = await stop.value { return .stopped(by: signal) }
    return .done(try result.get())
  }

  enum Outcome<Value: Sendable>: Sendable {
    case done(Value)
    case stopped(by: Int32)
  }

  /// From here on the first signal ends the program at once where the command has not ended soon after it.
  static func beImpatient() { isImpatient.store(true, ordering: .sequentiallyConsistent) }

  /// Sets what is done before the program ends at once.
  static func beforeForcedEnd(_ clearUp: @escaping @Sendable () -> Void) {
    state.withLock { $0.beforeForcedEnd = clearUp }
  }

  // MARK: The signals' thread

  private static func watch(_ descriptor: Int32) {
    let signal = next(from: descriptor)
    let waiting = state.withLock { state in
      state.first = signal
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume(returning: signal) }
    var last = signal
    while true {
      var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&poller, 1, patience) > 0 {
        last = next(from: descriptor)
        break
      }
      if isImpatient.load(ordering: .sequentiallyConsistent) { break }
    }
    state.withLock { $0.beforeForcedEnd }?()
    _exit(exitCode(of: last))
  }

  /// What shells make of a program that a signal ended.
  static func exitCode(of signal: Int32) -> Int32 { 128 + signal }

  private static func next(from descriptor: Int32) -> Int32 {
    var byte: UInt8 = 0
    while read(descriptor, &byte, 1) != 1 {}
    return Int32(byte)
  }

  private static func catchSignal(_ signal: Int32) {
    var description = sigaction()
    let handler: @convention(c) (Int32) -> Void = { signal in
      let before = errno
      var byte = UInt8(truncatingIfNeeded: signal)
      _ = write(EndSignals.wakeDescriptor, &byte, 1)
      errno = before
    }
    #if canImport(Darwin)
      description.__sigaction_u.__sa_handler = handler
    #else
      description.__sigaction_handler.sa_handler = handler
    #endif
    description.sa_flags = SA_RESTART
    sigaction(signal, &description, nil)
  }

  /// Whether we were started with the signal switched off, as `nohup` does.
  private static func isIgnored(_ signal: Int32) -> Bool {
    var description = sigaction()
    sigaction(signal, nil, &description)
    #if canImport(Darwin)
      let handler = description.__sigaction_u.__sa_handler
    #else
      let handler = description.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
