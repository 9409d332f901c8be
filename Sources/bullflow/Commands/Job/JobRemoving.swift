import ArgumentParser
import Dashboard
import QueueClient
import Redis

/// Verbs that remove a job, or what belongs to it.
extension JobCommand {
  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes the job and all jobs below it; nothing at all where a worker has one in hand.",
      discussion: "Of a job that is gone, what it left behind is removed; its children stay.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @OptionGroup var dry: DryRunOption
    @Flag(help: "Leave the jobs below it.") var keepChildren = false

    func run() async throws {
      let extent = keepChildren ? "alone" : "and all jobs below it"
      let settings = try place.common.resolved()
      let client = settings.client()
      defer { client.close() }
      let key = place.key(settings.prefix)
      if dry.dryRun { return try await tell(key, client) }
      if try await Job.forget(key, connection: client, isDry: true) {
        try settings.allowChange(Self.what)
        try change.confirm(Self.what, CleanText.line("\(key) is gone. Remove what it left behind?"))
        return try await settings.recording(Self.what, [key.description]) {
          try await Job.forget(key, connection: client)
        }
      }
      try await place.change("remove", change, asking: { "Remove \($0) \(extent)?" }) { job in
        try await job.remove(removeChildren: !keepChildren)
      }
    }

    private static let what = "job remove"

    private func tell(_ key: JobKey, _ client: RedisClient) async throws {
      if keepChildren, let job = try await JobInspector(connection: client).inspect([key]).jobs.first, job.exists,
        job.lock == nil
      {
        return try StandardStreams.writeLine(CleanText.line("remove \(key)"))
      }
      try await DryRun(what: Self.what, common: place.common).tell(JobAction(.remove, [.job(key)]), client)
    }
  }

  struct RemoveUnprocessed: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Removes the children that the job still waits for; prints how many jobs that were.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions

    func run() async throws {
      try await place.change(
        "remove-unprocessed", change, asking: { "Remove all children that \($0) still waits for?" }
      ) { job in
        print(try await job.removeUnprocessedChildren())
      }
    }
  }

  struct RemoveDependency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lets the job's parent wait for it no longer.",
      discussion: "With --parent, a job that is gone, or that names another parent, is waited for no longer, too.")
    @OptionGroup var place: Place
    @OptionGroup var change: ChangeOptions
    @Option(help: ArgumentHelp("The parent, by its whole key (bull:renovate:42).", valueName: "key"))
    var parent: String?
    @OptionGroup var dry: DryRunOption

    func run() async throws {
      if dry.dryRun { return try await tell() }
      if let parent { return try await remove(from: parent) }
      try await place.change(
        "remove-dependency", change, asking: { "Let the parent of \($0) wait for it no longer?" }
      ) { job in
        guard try await job.removeChildDependency() else {
          throw Failure(what: "job remove-dependency", why: "no parent waits for \(job.key)", code: .refused)
        }
      }
    }

    /// The parent of a key. Where that can be read in several ways, since ids and prefixes may hold colons, the queue that
    /// has such a job decides.
    private static func parent(_ text: String, _ prefix: String, _ client: RedisClient) async throws -> JobKey {
      let colons = text.indices.filter { text[$0] == ":" }.dropFirst().prefix(16)
      let candidates = colons.compactMap { colon in
        QueueKey(qualifiedName: text[..<colon]).map { JobKey(queue: $0, id: String(text[text.index(after: colon)...])) }
      }
      let scores = try await client.rawReplies(
        to: candidates.map { ["ZSCORE", .text($0.queue[.waitingChildren]), .text($0.id)] })
      return try zip(candidates, scores).first { $1.double != nil }?.0 ?? Given.jobKey(text, prefix: prefix)
    }

    private func tell() async throws {
      let settings = try place.common.resolved()
      let client = settings.client()
      defer { client.close() }
      let child = place.key(settings.prefix)
      let named: JobKey?
      if let parent {
        named = try await Self.parent(parent, settings.prefix, client)
      } else {
        named = try await JobInspector(connection: client).inspect([child]).jobs.first?.parentKey
      }
      guard let named else {
        throw Failure(what: "job remove-dependency", why: "no parent waits for \(child)", code: .refused)
      }
      try await DryRun(what: "job remove-dependency", common: place.common)
        .tell(JobAction(.removeDependency, [.dependency(child: child, parent: named)]), client)
    }

    private func remove(from text: String) async throws {
      let what = "job remove-dependency"
      let settings = try place.common.resolved()
      try settings.allowChange(what)
      let child = JobKey(queue: QueueKey(prefix: settings.prefix, name: place.queue), id: place.id)
      let client = settings.client()
      defer { client.close() }
      let parent = try await Self.parent(text, settings.prefix, client)
      try change.confirm(what, CleanText.line("Let \(parent) wait for \(child) no longer?"))
      try await settings.recording(what, [child.description, parent.description]) {
        guard try await Job.removeChildDependency(of: child, from: parent, connection: client) else {
          throw Failure(what: what, why: "\(parent) does not wait for \(child)", code: .refused)
        }
      }
    }
  }
}
