/// No source at all: everything visible is in doubt, again and again.
struct PollingSource: Sendable {
  /// How often it is.
  static let interval = Duration.seconds(3)

  let inbox: ChangeInbox

  /// Doubts until the task is cancelled.
  func run(report: @escaping @Sendable (HealthState.Input) async -> Void) async {
    await report(.heard(.polling))
    while (try? await Task.sleep(for: Self.interval)) != nil {
      inbox.add { $0.everything = true }
    }
  }
}
