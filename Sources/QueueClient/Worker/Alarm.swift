import Synchronization

/// Rings at the end of a span of time, unless it was set anew before.
final class Alarm: Sendable {
  private let clock: WorkerClock
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(clock: WorkerClock) { self.clock = clock }

  /// Rings after a span of time, and not for what it was set to before.
  func set(after span: Duration, ring: @escaping @Sendable () -> Void) {
    let fresh = Task { [clock] in
      do { try await clock.sleep(span) } catch { return }
      ring()
    }
    exchange(for: fresh)?.cancel()
  }

  /// Rings no more.
  func cancel() { exchange(for: nil)?.cancel() }

  private func exchange(for fresh: Task<Void, Never>?) -> Task<Void, Never>? {
    task.withLock { task in
      defer { task = fresh }
      return task
    }
  }
}
