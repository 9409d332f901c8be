/// How far a search has come.
public struct SearchProgress: Sendable, Hashable {
  /// How many jobs were looked at.
  public var looked = 0
  /// Of about so many, in the queues found by now.
  public var total = 0
  /// How many pass.
  public var matches = 0
  /// How many may pass: a text that would tell is too long to be read.
  public var unread = 0
  /// In how many queues.
  public var queues = 0
  /// How much of all is done.
  public var progress = Progress.none

  /// Nothing looked at yet.
  public init() {}

  /// Whether all was looked at.
  public var isComplete: Bool { progress.isComplete }
}
