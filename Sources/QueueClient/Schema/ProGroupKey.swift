/// What BullMQ Pro keeps of a queue's groups of jobs: sorted sets of the groups' ids by how each stands. A job that is in a
/// group is in none of the queue's own lists and sets; which jobs wait in one, and why, is not known here.
public enum ProGroupKey: String, Sendable, CaseIterable {
  /// Groups of which a job may begin.
  case ready = "groups"
  /// Groups whose rate limit is used up.
  case limited = "groups:limit"
  /// Groups of which as many jobs are active as may be.
  case full = "groups:max"
  /// Groups that are paused.
  case paused = "groups:paused"
}

extension QueueKey {
  /// One of the keys that BullMQ Pro keeps of the queue's groups.
  public subscript(group key: ProGroupKey) -> String { description + ":" + key.rawValue }
}
