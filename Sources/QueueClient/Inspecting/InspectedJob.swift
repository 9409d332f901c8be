import Redis

/// What a look at a job gives: where it is, and those of its texts that are short.
public struct InspectedJob: Sendable, Hashable {
  /// Which job.
  public var key: JobKey
  /// Where it was found.
  public var evidence = JobEvidence()
  /// How long its lock lasts, in milliseconds; `nil` without a lock, -1 for one that never ends.
  public var lock: Int?
  /// Its name.
  public var name = ""
  /// Why its last attempt failed: the first 500 bytes, where the whole is not longer than 64 KB.
  public var failedReason: String?
  /// How many children it has of each kind.
  public var counts = DependenciesCount()
  /// When it was added, in milliseconds since 1970.
  public var timestamp: Int?
  /// When a worker took it, in milliseconds since 1970.
  public var processedOn: Int?
  /// When it ended, in milliseconds since 1970.
  public var finishedOn: Int?
  /// How many attempts have ended.
  public var attemptsMade = 0
  /// The name of the worker that took it last.
  public var processedBy: String?
  /// Its parent, by what its `parent` field says, else by its `parentKey`.
  public var parentKey: JobKey?
  /// What its failure does to its parent.
  public var failurePolicy: FailurePolicy?
  /// Its options, as stored.
  public var opts: JSON?
  /// Its data, as text.
  public var data: String?
  /// Its progress.
  public var progress: JSON?
  /// What it returned, as text.
  public var returnvalue: String?
  /// How many bytes what it returned has, where that stays in Redis.
  public var longReturnvalue: Int?
  /// A failure decided elsewhere.
  public var deferredFailure: String?

  /// Whether there is such a job.
  public var exists: Bool { evidence.exists }

  /// Texts longer than this, in bytes, stay in Redis.
  static let textLimit = 4096
}

extension InspectedJob {
  /// A job from a row of the script `inspectJobs`, whole or in brief.
  init(key: JobKey, row: RESPValue) {
    self.key = key
    var row = (row.array ?? [])[...]
    func next() -> RESPValue { row.popFirst() ?? .null }
    evidence.exists = next().int == 1
    evidence.completed = next().double
    evidence.failed = next().double
    evidence.delayed = next().double
    evidence.prioritized = next().double
    evidence.waitingChildren = next().double
    evidence.active = Self.sighting(next())
    evidence.wait = Self.sighting(next())
    evidence.paused = Self.sighting(next())
    lock = next().int.flatMap { $0 >= -1 ? $0 : nil }
    name = next().string ?? ""
    failedReason = next().string
    guard !row.isEmpty else { return }
    counts = DependenciesCount(
      processed: next().int ?? 0, unprocessed: next().int ?? 0, ignored: next().int ?? 0, failed: next().int ?? 0)
    timestamp = next().int
    processedOn = next().int
    finishedOn = next().int
    // BullMQ 4 and older wrote it under its long name.
    let (made, madeBefore) = (next().int, next().int)
    attemptsMade = made ?? madeBefore ?? 0
    processedBy = next().string
    let parentKeyText = next().string
    let parent = next().string.flatMap { try? JSON(parsing: $0) }
    parentKey = parent.flatMap(JobKey.init(parent:)) ?? parentKeyText.flatMap { JobKey($0, namedBy: key.queue) }
    failurePolicy = parent.flatMap(FailurePolicy.init(stored:))
    opts = next().string.flatMap { try? JSON(parsing: $0) }
    data = next().string
    progress = next().string.flatMap { try? JSON(parsing: $0) }
    returnvalue = next().string
    deferredFailure = next().string
    longReturnvalue = next().int.flatMap { $0 > Self.textLimit ? $0 : nil }
  }

  private static func sighting(_ reply: RESPValue) -> JobEvidence.Sighting {
    reply.int.flatMap(JobEvidence.Sighting.init(rawValue:)) ?? .absent
  }
}
