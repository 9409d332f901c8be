import FlowMonitor
import QueueClient

/// What the dashboard needs of whoever watches Redis: a monitor, or a stand-in for one.
public struct FlowSource: Sendable {
  /// What is true, for one reader; a slow reader misses the pictures in between.
  public var pictures: AsyncStream<Picture>
  /// Watches until its task is cancelled.
  public var run: @Sendable () async -> Void
  /// Takes what is looked at; may take as long as it likes.
  public var look: @Sendable (Window) async -> Void
  /// Answers what a view beside the flows asks, again and again, until its task is cancelled.
  public var watch: @Sendable (ViewQuestion, @escaping @Sendable (ViewAnswer) -> Void) async -> Void
  /// Reads the flow of a job for its timeline, again and again, until its task is cancelled.
  public var watchTimeline: @Sendable (JobKey, @escaping @Sendable (TimelineAnswer) -> Void) async -> Void
  /// Reads a job's detail; `nil` when there is no such job.
  public var readDetail: @Sendable (JobKey) async throws -> JobDetail?
  /// Reads a part of a job; `nil` where it is not there.
  public var readPart: @Sendable (JobKey, JobPart) async throws -> JobPart.Answer?
  /// Says why the flow of a job is not done; `nil` when there is no such job.
  public var explain: @Sendable (JobKey) async throws -> Explanation?
  /// The jobs of a group of children.
  public var members: @Sendable (GroupKey) async throws -> [JobKey]
  /// Tells what an action would change, and changes nothing.
  public var preview: @Sendable (JobAction) async throws -> ActionPreview
  /// Does what a preview shows, tells after each step how many there have been, and keeps the record of it; stops
  /// between two steps when its task is cancelled.
  public var change: @Sendable (ActionPreview, @escaping @Sendable (Int) -> Void) async -> ActionOutcome
  /// Turns keyspace notifications on in the server.
  public var enableNotifications: @Sendable () async throws -> Void
  /// Runs the command that calls somebody; what it throws is shown.
  public var call: @Sendable (ProblemFacts) async throws -> Void = { _ in }
  /// Lets go of the Redis, when nothing of all this is needed any more.
  public var close: @Sendable () -> Void = {}
  /// Finds jobs in the whole Redis.
  public var finder: JobFinder

  /// A source from its parts.
  public init(
    pictures: AsyncStream<Picture>, run: @escaping @Sendable () async -> Void,
    look: @escaping @Sendable (Window) async -> Void,
    watch: @escaping @Sendable (ViewQuestion, @escaping @Sendable (ViewAnswer) -> Void) async -> Void = { _, _ in },
    readDetail: @escaping @Sendable (JobKey) async throws -> JobDetail?,
    readPart: @escaping @Sendable (JobKey, JobPart) async throws -> JobPart.Answer? = { _, _ in nil },
    explain: @escaping @Sendable (JobKey) async throws -> Explanation?,
    members: @escaping @Sendable (GroupKey) async throws -> [JobKey] = { _ in [] },
    preview: @escaping @Sendable (JobAction) async throws -> ActionPreview,
    change: @escaping @Sendable (ActionPreview, @escaping @Sendable (Int) -> Void) async -> ActionOutcome,
    enableNotifications: @escaping @Sendable () async throws -> Void, finder: JobFinder = .none,
    watchTimeline: @escaping @Sendable (JobKey, @escaping @Sendable (TimelineAnswer) -> Void) async -> Void = { _, _ in
    }
  ) {
    self.pictures = pictures
    self.run = run
    self.look = look
    self.watch = watch
    self.readDetail = readDetail
    self.readPart = readPart
    self.explain = explain
    self.members = members
    self.preview = preview
    self.change = change
    self.enableNotifications = enableNotifications
    self.finder = finder
    self.watchTimeline = watchTimeline
  }
}
