import QueueClient

/// Whether what a comparison with Redis found had been announced, or is announced a moment later. Pure.
struct Reconciliation: Sendable {
  /// How often what is visible is compared.
  static let interval = Duration.seconds(4)
  /// How long an announcement may be on its way.
  static let grace = Duration.seconds(1)

  private var unannounced: Set<JobKey> = []
  private var began: ContinuousClock.Instant?

  /// A comparison found these jobs to be others than they were held.
  mutating func begin(with differing: Set<JobKey>, at now: ContinuousClock.Instant = .now) {
    unannounced = differing
    began = now
  }

  /// Changes were announced.
  mutating func announced(_ changes: PendingChanges) {
    guard !unannounced.isEmpty else { return }
    unannounced.subtract(changes.jobs)
    unannounced.subtract(changes.parents)
    if changes.everything { unannounced = [] }
  }

  /// How many changes were never announced; `nil` while that cannot be said, or was said already.
  mutating func outcome(at now: ContinuousClock.Instant = .now) -> Int? {
    guard let began, now - began >= Self.grace else { return nil }
    self.began = nil
    defer { unannounced = [] }
    return unannounced.count
  }
}
