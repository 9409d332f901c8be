extension QueueKey {
  /// The list of the minutes beside the hash of a queue's metrics.
  static func points(of metrics: String) -> String { metrics + ":data" }

  /// Whether what a list of jobs holds is a marker of BullMQ 3 or 4, and no job.
  public static func isMarker(_ id: String) -> Bool { id.hasPrefix("0:") }
}
