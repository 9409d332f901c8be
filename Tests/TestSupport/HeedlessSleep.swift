/// Sleeps for all of the time, though the task is cancelled: for code that does not heed its cancellation and must not
/// spin either.
public func sleepHeedless(for duration: Duration) async {
  await Task.detached { try? await Task.sleep(for: duration) }.value
}
